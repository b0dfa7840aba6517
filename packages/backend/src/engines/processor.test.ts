// The backends that need no GPU, for real and in this process.
import { availableParallelism } from 'node:os';
import { threadsStarted } from '@stridelab/wasm';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, expect, it } from 'vitest';
import { openBackend } from '../index.ts';
import type { Notice, OpenedBackend } from '../types.ts';

let backend: OpenedBackend | undefined;
afterEach(() => backend?.dispose());

async function computes(): Promise<boolean> {
  const x = tf.tidy(() => tf.matMul(tf.ones([2, 7]), tf.ones([7, 2])));
  const values = await x.data();
  x.dispose();
  return values.every((value) => value === 7);
}

it('opens cpu', async () => {
  backend = await openBackend({ prefer: ['cpu'] });
  expect(backend).toMatchObject({ name: 'cpu', device: 'CPU through plain JavaScript', tfBackend: 'cpu', notes: [] });
  expect(tf.getBackend()).toBe('cpu');
  expect(await computes()).toBe(true);
});

it.each([1, 2])('opens wasm with %i threads, gives it back, and opens it again', async (threads) => {
  for (let round = 0; round < 2; round++) {
    backend = await openBackend({ prefer: ['wasm'], threads });
    const device = `CPU through WebAssembly SIMD${threads > 1 ? `, ${threads} threads` : ''}`;
    expect(backend).toMatchObject({ name: 'wasm', device, tfBackend: 'wasm', notes: [] });
    expect(await threadsStarted(), 'of @stridelab/wasm').toBe(threads);
    expect(tf.getKernel('Conv2DBackpropFilter', 'wasm'), 'what @stridelab/wasm adds').toBeDefined();
    expect(tf.getBackend()).toBe('wasm');
    expect(await computes()).toBe(true);
    await backend.dispose();
    expect(tf.engine().registry).not.toHaveProperty('wasm');
  }
});

it('opens wasm on all cores', async () => {
  backend = await openBackend({ prefer: ['wasm'] });
  expect(await threadsStarted()).toBe(availableParallelism());
});

it("gives back TF.js's own wasm", async () => {
  backend = await openBackend({ prefer: ['wasm'], threads: 2 });
  await backend.dispose();
  await tf.setBackend('wasm');
  expect(await threadsStarted()).toBe(1);
  expect(await computes()).toBe(true);
  tf.engine().reset();
});

it('takes no tensors away from a wasm that runs', async () => {
  await tf.setBackend('wasm');
  const x = tf.tensor1d([1, 2, 3]);
  backend = await openBackend({ prefer: ['wasm'], threads: 2 });
  expect(backend.device).toBe('CPU through WebAssembly SIMD');
  expect([...(await x.data())]).toEqual([1, 2, 3]);
  tf.engine().reset();
});

it('tells whether wasm can train', async () => {
  const heard: Notice[] = [];
  const open = () => openBackend({ prefer: ['wasm'], onNotice: (notice) => heard.push(notice) });
  const ours = tf.getKernel('Conv2DBackpropFilter', 'wasm');
  if (ours) tf.unregisterKernel('Conv2DBackpropFilter', 'wasm');
  backend = await open();
  await backend.dispose();
  const addedOnImport = tf.getKernel('Conv2DBackpropFilter', 'wasm') !== undefined;
  if (!addedOnImport) {
    expect(heard).toHaveLength(1);
    expect(heard[0]!.reason).toMatch(/^TF\.js's wasm backend cannot train a convolution: @stridelab\/wasm /);
    expect(heard[0]!.mend).toBe('npm install @stridelab/wasm');
    tf.registerKernel({ kernelName: 'Conv2DBackpropFilter', backendName: 'wasm', kernelFunc: () => [] });
  }
  heard.length = 0;
  backend = await open();
  expect(heard).toEqual([]);
  if (!addedOnImport) tf.unregisterKernel('Conv2DBackpropFilter', 'wasm');
});

it('leaves a backend running that ran before', async () => {
  await tf.setBackend('cpu');
  const theirs = tf.backend();
  backend = await openBackend({ prefer: ['cpu'] });
  await backend.dispose();
  await tf.setBackend('cpu');
  expect(tf.backend()).toBe(theirs);
});
