import { openTestBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, expect, it, vi } from 'vitest';
import { trainingGradients } from './gradients/index.ts';
import { trainingKernels } from './kernels/index.ts';
import { registerWebgpuTraining, restore } from './training.ts';

afterEach(restore);

const registered = () => trainingKernels.map(({ kernelName }) => tf.getKernel(kernelName, 'webgpu'));
const gradients = () => trainingGradients.map(({ kernelName }) => tf.getGradient(kernelName));

it('changes nothing when it is imported', () => {
  expect(tf.getKernel('StridelabSoftmaxCrossEntropy', 'webgpu')).toBeUndefined();
});

it('replaces every gradient, once, and puts back what was there', () => {
  const before = gradients();
  registerWebgpuTraining();
  const once = gradients();
  for (const [i, config] of once.entries()) expect(config).not.toBe(before[i]);
  registerWebgpuTraining();
  for (const [i, config] of gradients().entries()) expect(config).toBe(once[i]);
  restore();
  for (const [i, config] of gradients().entries()) expect(config).toBe(before[i]);
});

it('registers every kernel, quietly and once, and puts back what was there', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const before = registered();
  registerWebgpuTraining();
  const once = registered();
  for (const [i, config] of once.entries()) {
    expect(config).toBeDefined();
    expect(config).not.toBe(before[i]);
  }
  registerWebgpuTraining();
  for (const [i, config] of registered().entries()) expect(config).toBe(once[i]);
  restore();
  for (const [i, config] of registered().entries()) expect(config).toBe(before[i]);
  expect(warn).not.toHaveBeenCalled();
});

it('works registered before the backend is opened', async () => {
  registerWebgpuTraining();
  await openTestBackend('webgpu');
  const logits = tf.tensor2d([[0, 0]]);
  const [losses] = tf
    .engine()
    .runKernel(
      'StridelabSoftmaxCrossEntropy',
      { logits, labels: tf.tensor2d([[1, 0]]) },
      { labelSmoothing: 0 },
    ) as tf.Tensor[];
  await expect(losses!).toBeAllClose([Math.LN2]);
});
