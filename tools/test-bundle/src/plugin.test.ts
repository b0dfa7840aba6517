// A bundle of test files as it runs where there is nothing else: in a process of Node that has one file.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { madeModule, portableTests, replaceByFile, testFilesOf } from './plugin.mjs';
import type { FileResult } from './run-test-file.ts';

const SOURCES = {
  'number.ts': 'export const number = 1;',
  'instead.ts': 'export const number = 2;',
  'passes.test.ts': `
    import { answer } from 'bundle:answer';
    import { expect, it, vi } from 'vitest';
    import { number } from './number.ts';
    it('has what was put in its place', () => expect({ answer, number }).toEqual({ answer: 42, number: 2 }));
    it('spies', () => {
      const spy = vi.spyOn(console, 'debug').mockImplementation(() => {});
      console.debug('x');
      expect(spy).toHaveBeenCalledWith('x');
    });
    it.skip('is left out', () => {});`,
  'fails.test.ts': `
    import { describe, expect, it } from 'vitest';
    describe('sums', () => it('are sums', () => expect(1 + 1).toBe(3)));`,
  'breaks.test.ts': `throw new Error('does not load');`,
};

let folder: string;
let results: Record<string, FileResult>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'portable-'));
  for (const [name, text] of Object.entries(SOURCES)) writeFileSync(join(folder, name), text);
  const names = Object.keys(SOURCES).filter((name) => name.endsWith('.test.ts'));
  const outfile = join(folder, 'bundle.mjs');
  const contents = `
    import { runTestFile } from './run-test-file.ts';
    const results = {};
    for (const name of ${JSON.stringify(names)}) results[name] = await runTestFile(name);
    console.log(JSON.stringify(results));`;
  await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    plugins: [
      {
        name: 'replacements',
        setup(build) {
          madeModule(build, 'answer', () => 'export const answer = 42;');
          replaceByFile(build, 'number.ts', join(folder, 'instead.ts'));
        },
      },
      portableTests(new Map(names.map((name) => [name, join(folder, name)]))),
    ],
  });
  const { stdout } = await promisify(execFile)(process.execPath, [outfile]);
  results = JSON.parse(stdout);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('runs tests, and counts them', () => {
  expect(results['passes.test.ts']).toMatchObject({ passed: 2, skipped: ['is left out'], failures: [] });
});

it('tells what failed, by its title and in words', () => {
  const { passed, failures } = results['fails.test.ts']!;
  expect(passed).toBe(0);
  expect(failures.map(({ title }) => title)).toEqual(['sums > are sums']);
  expect(failures[0]!.message).toMatch(/expected 2 to be 3/);
});

it('tells of a file that does not load', () => {
  const [failure] = results['breaks.test.ts']!.failures;
  expect(failure).toMatchObject({ title: 'the file' });
  expect(failure!.message).toMatch(/does not load/);
});

it('leaves tests in their sources that read or start what lies there, and others that are named', () => {
  const { movable, bound } = testFilesOf(['train-ops', 'wasm'], /Backend\('wasm'\)/);
  expect(movable.get('train-ops/updates.test.ts')).toMatch(/train-ops[\\/]src[\\/]updates\.test\.ts$/);
  expect(bound).toContain('wasm/node.test.ts');
  expect(bound).toContain('wasm/kernels/slice.test.ts');
  expect(bound.filter((title) => movable.has(title))).toEqual([]);
});
