import '../../index.ts';
import { openTestBackend, randomValues } from '@stridelab/test-kit';
import { batchNormTrain } from '@stridelab/train-ops';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it, vi } from 'vitest';
import { expectParity, type Input, random, valueAndGradients } from '../../testing/parity.ts';

const channelsOf = (shape: number[], seed: number, from = 0): Input => {
  const { values } = random([shape.at(-1)!], seed);
  return { shape: [shape.at(-1)!], values: values.map((value) => from + 0.5 * Number(value)) as number[] };
};

const SHAPES = [
  [2, 5, 7, 8],
  [3, 9, 11, 5],
  [2, 4, 4, 260],
  [40, 30, 4],
  [5000, 1],
  [2100, 3],
  [1100, 33],
  [3, 2048],
  [1, 6],
  [3200, 128],
];

describe.each([false, true])('relu %j', (relu) => {
  it.each(SHAPES.map((shape) => [shape]))('forward and backward of %j', async (shape) => {
    const run = vi.spyOn(tf.engine(), 'runKernel');
    const f = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) =>
      batchNormTrain(x, { gamma: gamma as tf.Tensor1D, beta: beta as tf.Tensor1D, relu, epsilon: 1e-2 }).y;
    await expectParity(
      [random(shape), channelsOf(shape, 2, 1), channelsOf(shape, 3)],
      valueAndGradients(f as never),
      2e-4,
    );
    const names = run.mock.calls.map(([name]) => name);
    for (const name of ['StridelabBatchNormTrain', 'StridelabBatchNormTrainGrad']) expect(names).toContain(name);
  });
});

it.each(SHAPES.map((shape) => [shape]))('statistics of %j, and moving ones', async (shape) => {
  const channels = (seed: number) => channelsOf(shape, seed);
  await expectParity(
    [random(shape), channels(2), channels(3), channels(4), channels(5)],
    (x, gamma, beta, movingMean, movingVariance) => {
      const moving = { mean: movingMean as tf.Tensor1D, variance: movingVariance as tf.Tensor1D, momentum: 0.9 };
      const given = { gamma: gamma as tf.Tensor1D, beta: beta as tf.Tensor1D };
      const { mean, variance } = batchNormTrain(x!, given);
      const moved = batchNormTrain(x!, { ...given, moving });
      return [mean, variance, moved.mean, moved.variance, moved.nextMovingMean, moved.nextMovingVariance];
    },
    1e-5,
  );
});

it('hides nothing that is no number behind a ReLU', async () => {
  await openTestBackend('webgpu');
  const x = tf.tensor2d([
    [Number.NaN, 1, 2, 3],
    [4, 5, 6, 7],
  ]);
  const [gamma, beta] = [tf.ones<tf.Rank.R1>([4]), tf.zeros<tf.Rank.R1>([4])];
  const y = await batchNormTrain(x, { gamma, beta, relu: true }).y.array();
  expect((y as number[][]).map((row) => row.map(Number.isNaN))).toEqual(new Array(2).fill([true, false, false, false]));
});

/** Mean and variance of each channel in float64. */
function exact(values: ArrayLike<number>, channels: number) {
  const rows = values.length / channels;
  const of = (work: (value: number, channel: number) => number) =>
    Array.from({ length: channels }, (_, channel) => {
      let total = 0;
      for (let row = 0; row < rows; row++) total += work(values[row * channels + channel]!, channel);
      return total / rows;
    });
  const mean = of((value) => value);
  return { mean, variance: of((value, channel) => (value - mean[channel]!) ** 2) };
}

describe('statistics against float64', () => {
  const rows = 20_000;
  it.each([
    ['a large mean', (value: number) => 3000 + value],
    ['a first row far off', (value: number, i: number) => (i < 4 ? 1e4 : value)],
    ['one value far off', (value: number, i: number) => (i === 4 * 777 ? -1e4 : value)],
    ['constants', () => 0.1],
  ] as [string, (value: number, i: number) => number][])('%s', async (_, change) => {
    const values = Float32Array.from(randomValues(rows * 4, 5), (value, i) => change(value, i));
    const expected = exact(values, 4);
    await openTestBackend('webgpu');
    const x = tf.tensor(values, [rows, 4]);
    const { mean, variance } = batchNormTrain(x, { gamma: tf.ones([4]), beta: tf.zeros([4]) });
    await expect(mean).toBeAllClose(expected.mean, { relative: 1e-6 });
    await expect(variance).toBeAllClose(expected.variance, { relative: 1e-5, absolute: 1e-12 });
  });
});

it('gives the same bits every time', async () => {
  await openTestBackend('webgpu');
  const { values, shape } = random([3000, 12]);
  const [x, gamma, beta] = [tf.tensor(values, shape), tf.ones<tf.Rank.R1>([12]), tf.zeros<tf.Rank.R1>([12])];
  const gradients = tf.grads((v, g, b) =>
    tf.square(batchNormTrain(v!, { gamma: g as tf.Tensor1D, beta: b as tf.Tensor1D, relu: true }).y),
  );
  const results = () => Promise.all(gradients([x, gamma, beta]).map((tensor) => tensor.data()));
  expect(await results()).toEqual(await results());
});
