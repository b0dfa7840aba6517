// What `npm start` and `npm test` install, everywhere that they are called: from pnpm-lock.yaml, to the letter.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from './pnpm.mjs';

const lockfile = readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8');
const packages = [...lockfile.matchAll(/^ {2}'?((?:@[\w.-]+\/)?[\w.-]+)@\d[^:]*:$/gm)].map(([, name]) => name);

// Programs of which a package brings one for each kind of machine. pnpm forgets those of others where it finds it can.
it.each([
  ['turbo', ['@turbo/linux-64', '@turbo/linux-arm64', '@turbo/darwin-64', '@turbo/darwin-arm64', '@turbo/windows-64']],
  ['biome', ['linux-x64', 'linux-arm64', 'darwin-arm64', 'win32-x64'].map((kind) => `@biomejs/cli-${kind}`)],
  ['esbuild', ['linux-x64', 'linux-arm64', 'darwin-arm64', 'win32-x64'].map((kind) => `@esbuild/${kind}`)],
  [
    'rollup',
    ['linux-x64-gnu', 'linux-arm64-gnu', 'darwin-arm64', 'win32-x64-msvc'].map((kind) => `@rollup/rollup-${kind}`),
  ],
  [
    'rolldown',
    ['linux-x64-gnu', 'linux-arm64-gnu', 'darwin-arm64', 'win32-x64-msvc'].map((kind) => `@rolldown/binding-${kind}`),
  ],
])('has %s for Linux, macOS and Windows', (_, names) => {
  for (const name of names) expect(packages).toContain(name);
});

it('names no address of a registry', () => {
  expect(lockfile).not.toMatch(/https?:\/\//);
  expect(lockfile).not.toMatch(/^\s+tarball:/m);
});
