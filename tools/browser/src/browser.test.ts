// The packages' tests where most programs of TF.js run: in a browser, by WebGL; and what WebGPU and wasm are there, by our kernels.
import { readFileSync } from 'node:fs';
import { testFilesOf } from '@stridelab/test-bundle/plugin';
import { chromiumRunsHere } from '@stridelab/test-kit/chromium';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPages, type PageOptions, type Pages } from './pages.ts';

/** Each shader is compiled for the processor, which is slow where others work too. */
const PATIENCE = 600_000;

/** Of files that a page cannot load: they open Dawn, or read files. */
const NODE = /node:|nullDevice|createWebGpuDevice|@stridelab\/cifar-data/;
const files = (packages: string[]) =>
  [...testFilesOf(packages, NODE).movable].map(([title, path]) => ({ title, path, text: readFileSync(path, 'utf8') }));

const LAYERS = ['fft-ops', 'spectral-pooling', 'diffstride', 'phc-conv', 'train-ops', 'resnet', 'trainer'];
const ofLayers = files(LAYERS).filter(({ text }) => text.includes('forEachBackend('));
const ofTrainer = files(['trainer']).filter(({ text }) => text.includes("openTestBackend('webgpu')"));
/**
 * Shaders of all kernels are compiled here. But no browser grants matrix units, which those of `gemm` are about, and long runs
 * are as long everywhere.
 */
const ofWebgpu = files(['webgpu']).filter(({ title }) => !/^webgpu\/(gemm|runs\/(agreement|memory))/.test(title));
const ofWasm = files(['wasm']).filter(({ text }) => text.includes("Backend('wasm')"));

const suites = [
  ['[webgl]', { backend: 'webgl' }, ofLayers],
  ['[webgpu]', { backend: 'webgpu' }, [...ofWebgpu, ...ofTrainer]],
  ['[wasm], isolated', { backend: 'wasm', isolated: true }, ofWasm],
] as const satisfies [string, PageOptions, typeof ofLayers][];

it('names every package that it tests in its package.json, so that a change of one runs this again', () => {
  const { devDependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  for (const name of [...LAYERS, 'webgpu', 'wasm']) expect(devDependencies).toHaveProperty([`@stridelab/${name}`]);
});

describe.skipIf(!chromiumRunsHere)('in Chromium (carried for Linux x64)', () => {
  let pages: Pages;
  beforeAll(async () => {
    const all = suites.flatMap(([, , files]) => files);
    pages = await openPages(new Map(all.map(({ title, path }) => [title, path])));
  });
  afterAll(() => pages?.close());

  describe.each(suites)('%s', (_, options, files) => {
    it.each(files)(
      '$title',
      async ({ title }) => {
        const { failures, passed, skipped } = await pages.run(title, options);
        expect(failures.map(({ title, message }) => `${title}: ${message}`)).toEqual([]);
        expect(passed + skipped.length).toBeGreaterThan(0);
      },
      PATIENCE,
    );
  });
});
