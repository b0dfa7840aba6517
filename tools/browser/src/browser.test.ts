// The packages' tests where most programs of TF.js run: in a browser, by WebGL; and what WebGPU and wasm are there, by our kernels.
import { readdirSync, readFileSync } from 'node:fs';
import { testFilesOf } from '@stridelab/test-bundle/plugin';
import { chromiumRunsHere } from '@stridelab/test-kit/chromium';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPages, type PageOptions, type Pages } from './pages.ts';

/** Each shader is compiled for the processor, which is slow where others work too. */
const PATIENCE = 600_000;

const packages = readdirSync(new URL('../../../packages', import.meta.url));

/** Of files that a page cannot load: they open Dawn, or read files. */
const NODE = /node:|nullDevice|createWebGpuDevice|@stridelab\/cifar-data/;
const files = (names: string[]) =>
  [...testFilesOf(names, NODE).movable].map(([title, path]) => ({ title, path, text: readFileSync(path, 'utf8') }));

/** They are for each of some backends, of which webgl is none. */
const NOTHING = [
  'spectral-pooling/apply-steps',
  ...['interrupted', 'losses', 'node/report/responses', 'strides'].map((name) => `trainer/${name}`),
];
const onWebgl = files(packages.filter((name) => name !== 'cifar-data')) // which is for Node
  .filter(({ title, text }) => text.includes('forEachBackend(') && !NOTHING.includes(title.replace('.test.ts', '')));
/**
 * Shaders of all kernels are compiled here. But no browser grants matrix units, which those of `gemm` are about, and long runs
 * are as long everywhere.
 */
const onWebgpu = [
  ...files(['webgpu']).filter(({ title }) => !/^webgpu\/(gemm|runs\/(agreement|memory))/.test(title)),
  ...files(['trainer']).filter(({ text }) => text.includes("openTestBackend('webgpu')")),
];
const onThreads = files(['wasm']);

const suites = [
  ['[webgl]', { backend: 'webgl' }, onWebgl],
  ['[webgpu]', { backend: 'webgpu' }, onWebgpu],
  ['[wasm], isolated, two threads', { backend: 'wasm', isolated: true }, onThreads],
] as const satisfies [string, PageOptions, typeof onWebgl][];

it('names every package in its package.json, so that a change of one runs this again', () => {
  const { devDependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  for (const name of packages) expect(devDependencies).toHaveProperty([`@stridelab/${name}`]);
});

describe.skipIf(!chromiumRunsHere)('in Chromium (carried for Linux x64)', () => {
  let pages: Pages;
  beforeAll(async () => {
    const all = suites.flatMap(([, , files]) => files);
    pages = await openPages(new Map(all.map(({ title, path }) => [title, path])));
  }, PATIENCE);
  afterAll(() => pages?.close());

  describe.each(suites)('%s', (_, options, files) => {
    it.each(files)(
      '$title',
      async ({ title }) => {
        const { failures, passed } = await pages.run(title, options);
        expect(failures.map(({ title, message }) => `${title}: ${message}`)).toEqual([]);
        expect(passed).toBeGreaterThan(0);
      },
      PATIENCE,
    );
  });
});
