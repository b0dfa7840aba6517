// The packages' tests where most programs of TF.js run: in a browser, by WebGL; and what WebGPU is there, by our kernels.
import { readFileSync } from 'node:fs';
import { testFilesOf } from '@stridelab/test-bundle/plugin';
import { chromiumRunsHere } from '@stridelab/test-kit/chromium';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPages, type Pages } from './pages.ts';

/** Each shader is compiled for the processor, which is slow where others work too. */
const PATIENCE = 600_000;

/** Files that a page cannot load: they open Dawn, or read files. */
const NODE = /node:|nullDevice|createWebGpuDevice|@stridelab\/cifar-data/;
const files = (packages: string[]) =>
  [...testFilesOf(packages).movable].map(([title, path]) => ({ title, path, text: readFileSync(path, 'utf8') }));

const LAYERS = ['fft-ops', 'spectral-pooling', 'diffstride', 'phc-conv', 'train-ops', 'resnet', 'trainer'];
const byBackend = files(LAYERS).filter(({ text }) => text.includes('forEachBackend(') && !NODE.test(text));
/** No browser grants matrix units, which those of `gemm` are about; shaders of all other kernels are compiled here. */
const ofKernels = files(['webgpu']).filter(({ title, text }) => !title.startsWith('webgpu/gemm/') && !NODE.test(text));
const ofTrainer = files(['trainer']).filter(
  ({ text }) => text.includes("openTestBackend('webgpu')") && !NODE.test(text),
);
const onWebgpu = [...ofKernels, ...ofTrainer];

it('names every package that it tests in its package.json, so that a change of one runs this again', () => {
  const { devDependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  for (const name of [...LAYERS, 'webgpu']) expect(devDependencies).toHaveProperty([`@stridelab/${name}`]);
});

describe.skipIf(!chromiumRunsHere)('in Chromium (carried for Linux x64)', () => {
  let pages: Pages;
  beforeAll(async () => {
    pages = await openPages(new Map([...byBackend, ...onWebgpu].map(({ title, path }) => [title, path])));
  });
  afterAll(() => pages?.close());

  const passes = async (title: string, backend: 'webgl' | 'webgpu') => {
    const { failures, passed } = await pages.run(title, backend);
    expect(failures.map(({ title, message }) => `${title}: ${message}`)).toEqual([]);
    expect(passed).toBeGreaterThan(0);
  };

  describe('[webgl]', () => {
    it.each(byBackend)('$title', ({ title }) => passes(title, 'webgl'), PATIENCE);
  });

  describe('[webgpu]', () => {
    it.each(onWebgpu)('$title', ({ title }) => passes(title, 'webgpu'), PATIENCE);
  });
});
