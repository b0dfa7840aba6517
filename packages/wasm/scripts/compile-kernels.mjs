// Compiles assembly/ (AssemblyScript) into src/engine/compiled.ts. Run `pnpm compile-kernels` after a change there;
// a test compiles again and compares, so that the two cannot drift apart.
import { existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { main } from 'assemblyscript/asc';

const ASSEMBLY = fileURLToPath(new URL('../assembly', import.meta.url));

const OPTIONS = [
  ...['index.ts', '--baseDir', ASSEMBLY, '--outFile', 'kernels.wasm'],
  ...['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--noExportMemory', '--enable', 'simd'],
  // Every build of TF.js's own module declares this limit, 4 GiB; the memory that is imported has to agree.
  ...['--maximumMemory', '65536'],
  // Vectors pass between our own functions alone.
  ...['--disableWarning', 'AS112'],
];

/** Instructions on vectors, of three bytes, and one that is followed by the number of a variable. */
const MULTIPLY = [0xfd, 0xe6, 1];
const ADD = [0xfd, 0xe4, 1];
const LOCAL_GET = 0x20;

async function compile(more, changed = (text) => text) {
  let binary = Buffer.alloc(0);
  const writeFile = (_name, contents) => {
    binary = Buffer.from(contents);
  };
  const readFile = (name, directory) => {
    const file = path.resolve(directory, name);
    return existsSync(file) ? changed(readFileSync(file, 'utf8')) : null;
  };
  const { error, stderr } = await main([...OPTIONS, ...more], { readFile, writeFile });
  if (error) throw new Error(`compile-kernels: ${stderr}`, { cause: error });
  return binary;
}

/** Where two modules of the same length have other bytes. */
function differences(one, other, what) {
  if (one.length !== other.length) throw new Error(`compile-kernels: ${what} should not change the module's length`);
  return [...one.keys()].filter((i) => one[i] !== other[i]);
}

/**
 * Where the multiplication of every `multiplyAdd` is: what changes with that function's two operations, when they become others that
 * the compiler treats alike.
 */
async function multiplyAdds(plain) {
  const body = 'f32x4.add(f32x4.mul(a, b), c)';
  const marked = await compile([], (text) => text.replace(body, 'f32x4.max(f32x4.min(a, b), c)'));
  const offsets = differences(plain, marked, 'another operation');
  if (offsets.length === 0) throw new Error(`compile-kernels: a function should return ${body}, got none`);
  const multiplies = offsets.filter((_, i) => i % 2 === 0);
  for (const [i, at] of multiplies.entries()) {
    // In any other order the instruction that takes the place of the two would find other operands.
    const isInOrder =
      plain.subarray(at - 1, at + 3).equals(Buffer.from([...MULTIPLY, LOCAL_GET])) &&
      plain.subarray(at + 4, at + 7).equals(Buffer.from(ADD)) &&
      offsets[2 * i + 1] === at + 5;
    if (!isInOrder)
      throw new Error(`compile-kernels: a multiplication, c and an addition should follow, got none at ${at}`);
  }
  return multiplies;
}

/** The text of src/engine/compiled.ts. */
export async function compiledSource() {
  const plain = await compile([]);
  const shared = await compile(['--sharedMemory', '--enable', 'threads']);
  const kinds = differences(plain, shared, 'the kind of memory');
  if (kinds.length !== 1)
    throw new Error(`compile-kernels: kinds of memory should differ in a byte, got ${kinds.length}`);
  const [offset] = kinds;
  const fused = await multiplyAdds(plain);
  return `// Generated from assembly/ by scripts/compile-kernels.mjs: change that, not this.

/**
 * The WebAssembly module, which imports a memory that is not shared. In hexadecimal: base64 is shorter, but longer by a fifth
 * where it is compressed.
 */
export const MODULE =
  '${plain.toString('hex')}';

/** The byte that says which kind of memory the module imports, and what it is for a shared one. */
export const MEMORY_KIND = { offset: ${offset}, shared: ${shared[offset]} };

/**
 * The multiplications of every a b + c that can be one instruction of relaxed SIMD: where the number of each operation is, counted from
 * the one before. A byte behind the instruction c is fetched, two behind that they are added.
 */
export const MULTIPLY_ADDS =
  '${fused.map((at, i) => at - (fused[i - 1] ?? 0)).join(' ')}';
`;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('../src/engine/compiled.ts', import.meta.url), await compiledSource());
}
