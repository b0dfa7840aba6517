// Compiles assembly/ (AssemblyScript) into src/engine/compiled.ts. Run `pnpm compile-kernels` after a change there;
// a test compiles again and compares, so that the two cannot drift apart.
import { realpathSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { main } from 'assemblyscript/asc';

const OPTIONS = [
  ...['index.ts', '--baseDir', fileURLToPath(new URL('../assembly', import.meta.url)), '--outFile', 'kernels.wasm'],
  ...['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--noExportMemory', '--enable', 'simd'],
  // Every build of TF.js's own module declares this limit, 4 GiB; the memory that is imported has to agree.
  ...['--maximumMemory', '65536'],
  // Vectors pass between our own functions alone.
  ...['--disableWarning', 'AS112'],
];

async function compile(...more) {
  let binary = Buffer.alloc(0);
  const writeFile = (_name, contents) => {
    binary = Buffer.from(contents);
  };
  const { error, stderr } = await main([...OPTIONS, ...more], { writeFile });
  if (error) throw new Error(`compile-kernels: ${stderr}`, { cause: error });
  return binary;
}

/** The text of src/engine/compiled.ts. */
export async function compiledSource() {
  const plain = await compile();
  const shared = await compile('--sharedMemory', '--enable', 'threads');
  const differences = [...plain.keys()].filter((i) => plain[i] !== shared[i]);
  if (plain.length !== shared.length || differences.length !== 1) {
    throw new Error(`compile-kernels: kinds of memory should differ in one byte, got ${differences.length}`);
  }
  const [offset] = differences;
  return `// Generated from assembly/ by scripts/compile-kernels.mjs: change that, not this.

/**
 * The WebAssembly module, which imports a memory that is not shared. In hexadecimal: base64 is shorter, but longer by a fifth
 * where it is compressed.
 */
export const MODULE =
  '${plain.toString('hex')}';

/** The byte that says which kind of memory the module imports, and what it is for a shared one. */
export const MEMORY_KIND = { offset: ${offset}, shared: ${shared[offset]} };
`;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('../src/engine/compiled.ts', import.meta.url), await compiledSource());
}
