#!/usr/bin/env node
// Looks at one package as a registry and a consumer will see it: packs it, runs publint and attw on the tarball, and
// holds each import that `sizeLimits` in its package.json names against its limit.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, transform } from 'esbuild';

/** Runs a command that this package's own dependencies bring. */
function run(name, args) {
  const file = join(import.meta.dirname, 'node_modules/.bin', name);
  try {
    execFileSync(file, args, { stdio: 'pipe', shell: process.platform === 'win32' });
    console.log(`${name}: passed`);
  } catch (error) {
    console.log(`${error.stdout}${error.stderr}\n${name}: failed`);
    process.exitCode = 1;
  }
}

/** Bytes of `import ${names} from` the package, bundled without its dependencies, minified and gzipped. */
async function importSize(names) {
  const contents = names === '*' ? "export * from './dist/index.js'" : `export { ${names} } from './dist/index.js'`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: process.cwd() },
    bundle: true,
    format: 'esm',
    target: 'es2022',
    packages: 'external',
    write: false,
  });
  // esbuild keeps the names that code it dropped had imported from other packages; read as TypeScript, it does not.
  const { code } = await transform(outputFiles[0].text, {
    loader: 'ts',
    minify: true,
    target: 'es2022',
    format: 'esm',
  });
  return gzipSync(code, { level: 9 }).length;
}

const packed = mkdtempSync(join(tmpdir(), 'check-package-'));
try {
  execFileSync('pnpm', ['pack', '--pack-destination', packed], { stdio: ['ignore', 'ignore', 'inherit'] });
  const tarball = join(packed, readdirSync(packed)[0]);
  run('publint', [tarball, '--strict']);
  // Every package is ESM alone, on purpose: TF.js itself is one CommonJS copy in Node, which ESM can import, and a second form
  // of ours would be a second copy. `require()` gives the one.
  run('attw', [tarball, '--ignore-rules', 'cjs-resolves-to-esm', '--format', 'ascii']);
} finally {
  rmSync(packed, { recursive: true, force: true });
}

const { sizeLimits = {} } = JSON.parse(readFileSync('package.json', 'utf8'));
for (const [names, limit] of Object.entries(sizeLimits)) {
  const size = await importSize(names);
  const allowed = Number.parseFloat(limit) * 1000;
  console.log(`size of ${names}: ${(size / 1000).toFixed(2)} kB min+gzip, limit ${limit}`);
  if (!(size <= allowed)) process.exitCode = 1;
}
