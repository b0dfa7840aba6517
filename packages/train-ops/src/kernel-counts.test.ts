// Fewer kernels than stock TF.js composes, in training: the numbers that the README states.
import { openTestBackend } from '@stridelab/test-kit/backends';
import * as tf from '@tensorflow/tfjs-core';
import { beforeEach, expect, it } from 'vitest';
import { batchNormTrain, dropout, FusedAdam, FusedSgd, softmaxCrossEntropy } from './index.ts';

beforeEach(() => openTestBackend('cpu'));

/** Most bytes held beyond those from before. */
async function peakOf(work: () => unknown): Promise<number> {
  const before = tf.memory().numBytes;
  const { peakBytes } = await tf.profile(() => void tf.tidy(() => void work()) as never);
  return peakBytes - before;
}

/** Kernels that a backend runs, but for those that move no data. */
async function kernelsOf(work: () => unknown): Promise<number> {
  const { kernels } = await tf.profile(() => void tf.tidy(() => void work()) as never);
  const backend = tf.getBackend();
  return kernels.filter(({ name }) => !['Reshape', 'Identity'].includes(name) && tf.getKernel(name, backend)).length;
}

it.each([
  [false, 16, 38],
  [true, 19, 42],
])('batch normalization forward and backward, relu %j: %d kernels, composed %d', async (relu, ours, stock) => {
  const [x, gamma, beta] = [tf.ones<tf.Rank.R4>([2, 3, 3, 2]), tf.ones<tf.Rank.R1>([2]), tf.ones<tf.Rank.R1>([2])];
  const fused = tf.grads((v, g, b) => batchNormTrain(v!, { gamma: g as never, beta: b as never, relu }).y);
  const composed = tf.grads((v, g, b) => {
    const { mean, variance } = tf.moments(v!, [0, 1, 2]);
    const y = tf.batchNorm(v as tf.Tensor4D, mean as never, variance as never, b as never, g as never);
    return relu ? tf.relu(y) : y;
  });
  expect(await kernelsOf(() => fused([x, gamma, beta]))).toBe(ours);
  expect(await kernelsOf(() => composed([x, gamma, beta]))).toBe(stock);
});

it.each([
  [0, 16, 24],
  [0.2, 18, 28],
])('cross-entropy forward and backward, smoothing %d: %d kernels, composed %d', async (labelSmoothing, ours, stock) => {
  const [logits, labels] = [tf.ones<tf.Rank.R2>([2, 3]), tf.ones<tf.Rank.R2>([2, 3])];
  const fused = tf.grad((v: tf.Tensor) => softmaxCrossEntropy(labels, v as tf.Tensor2D, { labelSmoothing }));
  const composed = tf.grad((v: tf.Tensor) => tf.losses.softmaxCrossEntropy(labels, v, undefined, labelSmoothing));
  expect(await kernelsOf(() => fused(logits, tf.scalar(1)))).toBe(ours);
  expect(await kernelsOf(() => composed(logits, tf.scalar(1)))).toBe(stock);
});

it('dropout forward and backward: 3 kernels, composed 6', async () => {
  const x = tf.ones([2, 3]);
  const composed = tf.grad((v: tf.Tensor) => tf.dropout(v, 0.5));
  expect(await kernelsOf(() => tf.grad((v: tf.Tensor) => dropout(v, [0, 0], { rate: 0.5 }))(x, x))).toBe(3);
  expect(await kernelsOf(() => composed(x, x))).toBe(6);
});

it.each([
  ['SGD with momentum', () => new FusedSgd({ learningRate: 0.1 }), () => tf.train.momentum(0.1, 0.9), 11, 80],
  ['Adam', () => new FusedAdam({ learningRate: 0.1 }), () => tf.train.adam(0.1), 27, 284],
])('%s over 20 parameters, one of them large', async (_, makeFused, makeComposed, ours, stock) => {
  await openTestBackend('wasm'); // as on every backend but cpu, which runs none
  const [fused, composed] = [makeFused(), makeComposed()];
  const variables = Array.from({ length: 20 }, (_, i) => tf.variable(tf.ones([i ? 8 : 5000])));
  const gradients = variables.map(({ name, shape }) => ({ name, tensor: tf.ones(shape) }));
  for (const optimizer of [fused, composed]) optimizer.applyGradients(gradients); // makes the slots
  expect(await kernelsOf(() => fused.applyGradients(gradients))).toBe(ours);
  expect(await kernelsOf(() => composed.applyGradients(gradients))).toBe(stock);
  const peak = await peakOf(() => fused.applyGradients(gradients));
  expect(peak).toBeLessThan(await peakOf(() => composed.applyGradients(gradients)));
});

it.each([new FusedSgd({ learningRate: 0.1 }), new FusedAdam({ learningRate: 0.1 })])(
  'on cpu an update is a loop and no kernel',
  async (optimizer) => {
    const variable = tf.variable(tf.ones([8]));
    const gradients = [{ name: variable.name, tensor: tf.ones([8]) }];
    optimizer.applyGradients(gradients);
    const before = Array.from(variable.dataSync());
    expect(await kernelsOf(() => optimizer.applyGradients(gradients))).toBe(0);
    expect(Array.from(variable.dataSync())).not.toEqual(before);
  },
);
