import '../index.ts';
import { openTestBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it, vi } from 'vitest';
import { expectParity, random, valueAndGradients } from '../testing/parity.ts';

it.each([
  [[2, 5, 5, 8], [1, 2], 'StridelabRepeatRows'],
  [[300, 3], [0], 'StridelabRepeatRows'],
  [[4, 6], [1], 'StridelabRepeatRows'],
  [[3, 4, 5], undefined, 'StridelabRepeatRows'],
  [[2, 3, 2, 2, 2, 3], [1, 2], 'StridelabRepeatRows'],
  [[4, 5, 6], [0, 2], 'Multiply'],
] as [number[], number[] | undefined, string][])('of means of %j over %j', async (shape, axes, kernel) => {
  const run = vi.spyOn(tf.engine(), 'runKernel');
  await expectParity(
    [random(shape)],
    valueAndGradients((x) => tf.mean(x, axes)),
    1e-6,
  );
  expect(run.mock.calls.map(([name]) => name)).toContain(kernel);
});

it.each([[[3, 5, 7]], [[4, 8]]])('of a ReLU of %j', async (shape) => {
  const run = vi.spyOn(tf.engine(), 'runKernel');
  await expectParity(
    [random(shape)],
    valueAndGradients((x) => tf.relu(x)),
    1e-6,
  );
  expect(run.mock.calls.map(([name]) => name)).toContain('StridelabReluGrad');
});

it('of a ReLU of what is no number, which it does not hide', async () => {
  await openTestBackend('webgpu');
  const x = tf.tensor1d([Number.NaN, -1, 2]);
  const dx = tf.grad((v) => tf.relu(v))(x, tf.tensor1d([1, 1, Number.NaN]));
  expect([...(await dx.data())]).toEqual([1, 0, Number.NaN]);
});

it.each([[[2, 3, 5, 8]], [[700, 3]]])('of batch normalization of %j', async (shape) => {
  const run = vi.spyOn(tf.engine(), 'runKernel');
  const channels = [shape.at(-1)!];
  const positive = {
    shape: channels,
    values: random(channels, 5).values.map((value) => 0.5 + Math.abs(value)) as number[],
  };
  await expectParity(
    [random(shape), random(channels, 2), positive, random(channels, 3), random(channels, 4)],
    valueAndGradients((x, mean, variance, offset, scale) =>
      tf.batchNorm(x as never, mean as never, variance as never, offset as never, scale as never, 0.01),
    ),
    1e-4,
  );
  expect(run.mock.calls.map(([name]) => name)).toContain('StridelabBatchNormSums');
});

it('of batch normalization over every place is left to TF.js', async () => {
  const shape = [2, 2, 3];
  const positive = { shape, values: random(shape, 5).values.map((value) => 0.5 + Math.abs(value)) as number[] };
  await expectParity(
    [random(shape), random(shape, 2), positive, random(shape, 3), random(shape, 4)],
    valueAndGradients((x, mean, variance, offset, scale) =>
      tf.batchNorm(x as never, mean as never, variance as never, offset as never, scale as never),
    ),
    1e-4,
  );
});

it('of dilation is refused, as by TF.js, where its kernels would be asked, which ignore it', async () => {
  await openTestBackend('webgpu');
  const [x, filter] = [tf.ones<tf.Rank.R4>([1, 3, 9, 9]), tf.ones<tf.Rank.R4>([3, 3, 3, 4])];
  const conv = (v: tf.Tensor) => tf.conv2d(v as tf.Tensor4D, filter, 1, 'valid', 'NCHW', 2);
  expect(() => tf.grad(conv)(x)).toThrow(/dilation rates greater than 1/);
});

it('differentiates twice', async () => {
  await openTestBackend('webgpu');
  const x = tf.tensor1d([1, -2, 3]);
  const f = (v: tf.Tensor) => tf.mean(tf.square(tf.relu(v)));
  const slope = tf.grad((v: tf.Tensor) => tf.sum(tf.square(tf.grad(f)(v))));
  await expect(slope(x)).toBeAllClose([8 / 9, 0, 24 / 9]);
});
