import { expectNamedError, openTestBackend } from '@stridelab/test-kit';
import { getThreadsCount } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, expect, it, vi } from 'vitest';
import { wasmGradients } from './gradients/index.ts';
import { trainingKernels } from './kernels/index.ts';
import { registerWasmTraining, restore, threadsStarted, WasmError } from './training.ts';

afterEach(restore);

const registered = () => trainingKernels.map(({ kernelName }) => tf.getKernel(kernelName, 'wasm'));
const gradients = () => wasmGradients.map(({ kernelName }) => tf.getGradient(kernelName));

it('changes nothing when it is imported', () => {
  expect(tf.getKernel(tf.Conv2DBackpropFilter, 'wasm')).toBeUndefined();
});

it('registers every kernel, and puts back what was there', () => {
  const before = { kernels: registered(), gradients: gradients() };
  registerWasmTraining();
  for (const [i, config] of registered().entries()) {
    expect(config).toBeDefined();
    expect(config).not.toBe(before.kernels[i]);
  }
  expect(gradients()[0]).not.toBe(before.gradients[0]);
  restore();
  expect({ kernels: registered(), gradients: gradients() }).toEqual(before);
  for (const [i, config] of registered().entries()) expect(config).toBe(before.kernels[i]);
});

it('is quiet, and does nothing the second time', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  registerWasmTraining();
  const once = { kernels: registered(), gradients: gradients() };
  registerWasmTraining();
  for (const [i, config] of registered().entries()) expect(config).toBe(once.kernels[i]);
  for (const [i, config] of gradients().entries()) expect(config).toBe(once.gradients[i]);
  expect(warn).not.toHaveBeenCalled();
  restore();
  restore();
});

it.each(['before', 'after'] as const)('works registered %s the backend is opened', async (order) => {
  const open = tf.findBackendFactory('wasm');
  tf.removeBackend('wasm');
  tf.registerBackend('wasm', open);
  if (order === 'before') registerWasmTraining();
  await openTestBackend('wasm');
  if (order === 'after') registerWasmTraining();
  const x = tf.ones<tf.Rank.R4>([1, 4, 4, 2]);
  const gradient = tf.grad((w) => tf.conv2d(x, w as tf.Tensor4D, 1, 'valid'))(tf.ones([3, 3, 2, 3]));
  expect([...new Set(gradient.dataSync())]).toEqual([4]);
  // Kernels of TF.js that ours fall back to are set up too.
  expect(tf.transpose(tf.range(0, 24).reshape([2, 3, 4]), [2, 1, 0]).shape).toEqual([4, 3, 2]);
});

it('trains dilated convolutions while it is registered', async () => {
  await openTestBackend('wasm');
  const x = tf.ones<tf.Rank.R4>([1, 5, 5, 1]);
  const gradient = tf.grad((w) => tf.conv2d(x, w as tf.Tensor4D, 1, 'valid', 'NHWC', 2));
  expect(() => gradient(tf.ones([3, 3, 1, 1]))).toThrow(/dilation rates greater than 1/);
  registerWasmTraining();
  expect([...gradient(tf.ones([3, 3, 1, 1])).dataSync()]).toEqual(Array(9).fill(1));
  await openTestBackend('cpu');
  expect(() => gradient(tf.ones([3, 3, 1, 1]))).toThrow(/dilation rates greater than 1/);
});

it('refuses channels first by name where TF.js has no kernel to fall back to', async () => {
  registerWasmTraining();
  await openTestBackend('wasm');
  const x = tf.ones([1, 2, 4, 4]);
  const attrs = { strides: 1, pad: 'valid', dataFormat: 'NCHW', filterShape: [3, 3, 2, 3] };
  await expectNamedError(
    () => tf.engine().runKernel(tf.Conv2DBackpropFilter, { x, dy: tf.ones([1, 3, 2, 2]) }, attrs),
    WasmError,
    "wasm.Conv2DBackpropFilter: dataFormat must be NHWC, got 'NCHW'",
  );
});

it("counts the current backend's threads", async () => {
  await openTestBackend('wasm');
  expect(await threadsStarted()).toBe(getThreadsCount());
  await openTestBackend('cpu');
  await expectNamedError(threadsStarted, WasmError, "wasm.threadsStarted: the backend must be 'wasm', got 'cpu'");
});
