import '../index.ts';
import { openTestBackend, randomValues } from '@stridelab/test-kit';
import { batchNormTrain } from '@stridelab/train-ops';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { expectParity, random, valueAndGradients } from '../testing/parity.ts';

// Channels in every combination of sixteens, eights, fours and what is left of them; rows of one chunk, of several, and one.
const SHAPES = [
  [2, 1],
  [7, 3],
  [65, 5],
  [64, 8],
  [2, 40, 12],
  [5, 6, 7, 16],
  [130, 23],
  [3, 5, 5, 38],
  [1, 1, 1, 4],
  [129, 70],
];

const parameters = (channels: number) => [random([channels], 2), random([channels], 3)];

describe.each([false, true])('batchNormTrain, relu %j', (relu) => {
  const norm = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) =>
    batchNormTrain(x, { gamma: gamma as tf.Tensor1D, beta: beta as tf.Tensor1D, relu });

  it.each(SHAPES.map((shape) => [shape]))('%j', async (shape) => {
    const inputs = [random(shape), ...parameters(shape.at(-1)!)];
    await expectParity(inputs, (x, gamma, beta) => Object.values(norm(x!, gamma!, beta!)) as tf.Tensor[]);
    // A single row has no spread: its gradient is a difference of equals.
    if (shape.at(-2) !== 1)
      await expectParity(
        inputs,
        valueAndGradients((x, gamma, beta) => norm(x, gamma, beta).y),
      );
  });

  it('moves statistics', async () => {
    const inputs = [random([6, 10, 5]), ...parameters(5), random([5], 4), random([5], 5)];
    await expectParity(inputs, (x, gamma, beta, mean, variance) => {
      const moving = { mean: mean as tf.Tensor1D, variance: variance as tf.Tensor1D, momentum: 0.9 };
      const options = { gamma: gamma as tf.Tensor1D, beta: beta as tf.Tensor1D, relu, moving };
      return Object.values(batchNormTrain(x!, options)) as tf.Tensor[];
    });
  });

  it('is exact where the mean is far from zero', async () => {
    await openTestBackend('wasm');
    const x = tf.tensor(
      randomValues(60_000, 1).map((value) => 1000 + value / 4),
      [10_000, 6],
    );
    const values = Array.from(await x.data()); // as float32 holds them
    const { mean, variance } = norm(x, tf.ones([6]), tf.zeros([6]));
    const columns = [0, 1, 2, 3, 4, 5].map((c) => values.filter((_, i) => i % 6 === c));
    const means = columns.map((column) => column.reduce((a, b) => a + b, 0) / column.length);
    const squares = columns.map((column, c) => column.reduce((sum, value) => sum + (value - means[c]!) ** 2, 0));
    await expect(mean).toBeAllClose(means, { relative: 6e-8 });
    await expect(variance).toBeAllClose(
      squares.map((sum) => sum / 10_000),
      { relative: 1e-6 },
    );
  });

  it('is one kernel forward and one backward', async () => {
    const [x, gamma, beta] = [tf.ones([4, 3]), tf.ones([3]), tf.ones([3])];
    const backward = tf.grads((a, b, c) => norm(a!, b!, c!).y);
    const { kernelNames } = await tf.profile(() => void tf.dispose(backward([x, gamma, beta], x)) as never);
    expect(kernelNames.filter((name) => name !== 'Identity' && tf.getKernel(name, 'wasm')).sort()).toEqual([
      'StridelabBatchNormTrain',
      'StridelabBatchNormTrainGrad',
    ]);
  });
});
