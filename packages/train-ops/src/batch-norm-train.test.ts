import {
  checkGradient,
  expectNamedError,
  expectNoLeak,
  forEachBackend,
  randomTensor,
  randomValues,
} from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { batchNormTrain, TrainOpsError } from './index.ts';

const EPSILON = 1e-3;

const parameters = (channels: number) => ({
  gamma: tf.tensor1d(randomValues(channels, 2).map((v) => 1 + v / 4)),
  beta: tf.tensor1d(randomValues(channels, 3)),
});

/** The definition, in float64. */
function naive(x: ArrayLike<number>, gamma: ArrayLike<number>, beta: ArrayLike<number>, relu: boolean) {
  const channels = gamma.length;
  const rows = x.length / channels;
  const y = new Array<number>(x.length);
  const [means, variances] = [[] as number[], [] as number[]];
  for (let c = 0; c < channels; c++) {
    const column = Array.from({ length: rows }, (_, row) => x[row * channels + c]!);
    const mean = column.reduce((a, b) => a + b) / rows;
    const variance = column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rows;
    for (const [row, value] of column.entries()) {
      const normal = ((value - mean) / Math.sqrt(variance + EPSILON)) * gamma[c]! + beta[c]!;
      y[row * channels + c] = relu ? Math.max(normal, 0) : normal;
    }
    means.push(mean);
    variances.push(variance);
  }
  return { y, mean: means, variance: variances };
}

/** What one composes of stock TF.js. */
function composed(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, relu: boolean): tf.Tensor {
  const axes = x.shape.slice(1).map((_, i) => i);
  const { mean, variance } = tf.moments(x, axes);
  const y = tf.batchNorm(x as never, mean as never, variance as never, beta as never, gamma as never, EPSILON);
  return relu ? tf.relu(y) : y;
}

forEachBackend(() => {
  describe.each([false, true])('batchNormTrain, relu %j', (relu) => {
    const ours = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) =>
      batchNormTrain(x, { gamma: gamma as tf.Tensor1D, beta: beta as tf.Tensor1D, relu }).y;

    it.each([[[7, 3]], [[4, 5, 2]], [[3, 5, 4, 3]], [[1, 2, 1, 1]], [[2, 1, 1, 70]]])(
      'of shape %j is what its definition and stock TF.js say, with its gradient',
      async (shape) => {
        const x = randomTensor(shape, 1);
        const { gamma, beta } = parameters(shape.at(-1)!);
        const { y, mean, variance } = batchNormTrain(x, { gamma, beta, relu });
        const expected = naive(await x.data(), await gamma.data(), await beta.data(), relu);
        expect(y.shape).toEqual(shape);
        await expect(y).toBeAllClose(expected.y, { relative: 1e-5, absolute: 2e-6 });
        await expect(mean).toBeAllClose(expected.mean, { relative: 1e-5, absolute: 1e-6 });
        await expect(variance).toBeAllClose(expected.variance, { relative: 1e-5 });

        const dy = randomTensor(shape, 4);
        const inputs = [x, gamma, beta];
        const [dx, dGamma, dBeta] = tf.grads((a, b, c) => ours(a!, b!, c!))(inputs, dy);
        const stock = tf.grads((a, b, c) => composed(a!, b!, c!, relu))(inputs, dy);
        for (const [i, gradient] of [dx!, dGamma!, dBeta!].entries()) {
          await expect(gradient).toBeAllClose(stock[i]!, { relative: 3e-5, absolute: 3e-6 });
        }
      },
    );

    it('is exact where the mean is far from zero', async () => {
      const x = tf.add(tf.mul(randomTensor([8, 6, 6, 2], 1), 0.1), 100);
      const { gamma, beta } = parameters(2);
      const { y, variance } = batchNormTrain(x, { gamma, beta, relu });
      const expected = naive(await x.data(), await gamma.data(), await beta.data(), relu);
      // float32 holds 100 to 8e-6, which is 8e-5 of this spread.
      await expect(variance).toBeAllClose(expected.variance, { relative: 1e-3 });
      await expect(y).toBeAllClose(expected.y, { relative: 1e-3 });
    });

    it('has the gradient that finite differences say', async () => {
      const { gamma, beta } = parameters(3);
      // Away from the kinks of the ReLU: beta moves every value to one side or the other.
      const apart = tf.tensor1d([12, -12, 12]);
      await checkGradient(ours, [randomTensor([2, 3, 4, 3], 1), gamma, relu ? apart : beta]);
    });

    it('moves statistics', async () => {
      const x = randomTensor([3, 4, 5, 2], 1);
      const moving = { mean: tf.tensor1d([1, -2]), variance: tf.tensor1d([3, 4]), momentum: 0.9 };
      const options = { ...parameters(2), relu, moving };
      const { mean, variance, nextMovingMean, nextMovingVariance } = batchNormTrain(x, options);
      const { mean: mean0, variance: variance0 } = batchNormTrain(x, { ...options, moving: undefined });
      await expect(mean).toBeAllClose(mean0);
      await expect(variance).toBeAllClose(variance0);
      const [means, variances] = [await mean.data(), await variance.data()];
      await expect(nextMovingMean).toBeAllClose([0.9 + 0.1 * means[0]!, -1.8 + 0.1 * means[1]!]);
      await expect(nextMovingVariance).toBeAllClose([2.7 + 0.1 * variances[0]!, 3.6 + 0.1 * variances[1]!]);
      await expect(moving.mean).toBeAllClose([1, -2]);
      expectNoLeak(() => batchNormTrain(x, options));
      expectNoLeak(() => tf.grad((v: tf.Tensor) => batchNormTrain(v, options).y)(x));
    });

    it('refuses a gradient of its gradient, which would leave terms out', async () => {
      const { gamma, beta } = parameters(2);
      const first = tf.grad((v: tf.Tensor) => batchNormTrain(v, { gamma, beta, relu }).y);
      const second = tf.grad((v: tf.Tensor) => tf.sum(tf.square(first(v))));
      const message = "train-ops.batchNormTrain: its gradient must not be differentiated, got 'a second gradient'";
      await expectNamedError(() => second(randomTensor([2, 3, 3, 2], 1)), TrainOpsError, message);
    });

    it('lets no gradient through its statistics, and leaks nothing', () => {
      const x = randomTensor([2, 3, 3, 2], 1);
      const { gamma, beta } = parameters(2);
      const ofMean = tf.grad((v: tf.Tensor) => batchNormTrain(v, { gamma, beta, relu }).mean.sum());
      expect(() => ofMean(x)).toThrow('Cannot compute gradient of y=f(x) with respect to x');
      expectNoLeak(() => batchNormTrain(x, { gamma, beta, relu }));
      expectNoLeak(() => tf.grads((a, b, c) => ours(a!, b!, c!))([x, gamma, beta]));
    });
  });
});

describe('a call that cannot be', () => {
  const ones = (...shape: number[]) => tf.ones(shape);
  const options = (size: number) => ({ gamma: tf.ones<tf.Rank.R1>([size]), beta: tf.zeros<tf.Rank.R1>([size]) });
  it.each<[string, () => unknown, string]>([
    ['no tensor', () => batchNormTrain([1] as never, options(1)), 'x must be a tensor, got [1]'],
    ['dtype', () => batchNormTrain(ones(2, 2).cast('int32'), options(2)), "x must be float32, got 'int32'"],
    ['rank', () => batchNormTrain(ones(2), options(2)), 'x must have rank 2, 3 or 4, got [2]'],
    ['empty', () => batchNormTrain(ones(0, 2), options(2)), 'x must not be empty, got [0, 2]'],
    ['gamma', () => batchNormTrain(ones(2, 3), options(2)), 'gamma must have shape [3], got [2]'],
    [
      'epsilon',
      () => batchNormTrain(ones(2, 2), { ...options(2), epsilon: 0 }),
      'epsilon must be a finite number > 0, got 0',
    ],
    [
      'options',
      () => batchNormTrain(ones(2, 2), undefined as never),
      'options must be some of {gamma, beta, epsilon, relu, moving}, got undefined',
    ],
    [
      'moving statistics',
      () =>
        batchNormTrain(ones(2, 2), {
          ...options(2),
          moving: { mean: tf.ones([3]), variance: tf.ones([2]), momentum: 0 },
        }),
      'movingMean must have shape [2], got [3]',
    ],
    [
      'momentum',
      () =>
        batchNormTrain(ones(2, 2), {
          ...options(2),
          moving: { mean: tf.ones([2]), variance: tf.ones([2]), momentum: 2 },
        }),
      'momentum must be in [0, 1], got 2',
    ],
  ])('is refused by a named error: %s', async (_, call, rule) => {
    await expectNamedError(call, TrainOpsError, `train-ops.batchNormTrain: ${rule}`);
  });
});
