import { checkGradient, expectNamedError, expectNoLeak, forEachBackend, randomValues } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { type Labels, softmaxCrossEntropy, TrainOpsError } from './index.ts';

const LABELS = [2, 0, 1, 2];
const logitsOf = () => tf.tensor2d(randomValues(12, 1), [4, 3]);
const oneHot = () => tf.oneHot(LABELS, 3).toFloat() as tf.Tensor2D;

/** The definition, in float64. */
function naive(labels: number[][], logits: number[][], smoothing: number): number[] {
  return logits.map((row, i) => {
    const most = Math.max(...row);
    const logTotal = Math.log(row.reduce((sum, logit) => sum + Math.exp(logit - most), 0)) + most;
    return row.reduce((loss, logit, k) => {
      const q = (1 - smoothing) * labels[i]![k]! + smoothing / row.length;
      return loss - q * (logit - logTotal);
    }, 0);
  });
}

forEachBackend(() => {
  it.each([0, 0.2])(
    'is what its definition and stock TF.js say, with its gradient, smoothing %d',
    async (smoothing) => {
      const options = { labelSmoothing: smoothing };
      const [logits, labels] = [logitsOf(), oneHot()];
      const losses = naive((await labels.array()) as number[][], (await logits.array()) as number[][], smoothing);
      const mean = losses.reduce((a, b) => a + b) / 4;
      const numbers = tf.tensor1d(LABELS, 'int32');
      for (const given of [LABELS, Uint8Array.from(LABELS), numbers, labels] as Labels[]) {
        await expect(softmaxCrossEntropy(given, logits, options)).toBeAllClose(mean);
        await expect(softmaxCrossEntropy(given, logits, { ...options, reduction: 'none' })).toBeAllClose(losses);
        await expect(softmaxCrossEntropy(given, logits, { ...options, reduction: 'sum' })).toBeAllClose(4 * mean);
      }
      const ours = tf.grad((v: tf.Tensor) => softmaxCrossEntropy(labels, v as tf.Tensor2D, options));
      const stock = tf.grad((v: tf.Tensor) => tf.losses.softmaxCrossEntropy(labels, v, undefined, smoothing));
      await expect(ours(logits)).toBeAllClose(stock(logits));
    },
  );

  it.each(['mean', 'sum', 'none'] as const)(
    'has the gradient of its %s, for labels of any weights',
    async (reduction) => {
      const weights = tf.tensor2d(randomValues(12, 2).map(Math.abs), [4, 3]);
      const loss = (v: tf.Tensor) => softmaxCrossEntropy(weights, v as tf.Tensor2D, { reduction, labelSmoothing: 0.1 });
      await checkGradient(loss, [logitsOf()]);
    },
  );

  it.each(['mean', 'sum', 'none'] as const)('has the gradient of its gradient, of its %s', async (reduction) => {
    const labels = tf.tensor2d(randomValues(12, 2).map(Math.abs), [4, 3]);
    const ours = (v: tf.Tensor) => softmaxCrossEntropy(labels, v as tf.Tensor2D, { reduction, labelSmoothing: 0.1 });
    const penalty = (v: tf.Tensor) => tf.sum(tf.square(tf.grad(ours)(v)));
    const logits = logitsOf();
    await checkGradient(penalty, [logits]);
    expectNoLeak(() => tf.grad(penalty)(logits));
  });

  it('bears logits of any size', async () => {
    const logits = tf.tensor2d([1000, 0, -1000, -1000, 1000, 0], [2, 3]);
    await expect(softmaxCrossEntropy([0, 0], logits, { reduction: 'none' })).toBeAllClose([0, 2000]);
    const gradient = tf.grad((v: tf.Tensor) => softmaxCrossEntropy([0, 0], v as tf.Tensor2D))(logits);
    await expect(gradient).toBeAllClose([0, 0, 0, -0.5, 0.5, 0]);
  });

  it('leaks nothing', () => {
    const [logits, labels] = [logitsOf(), oneHot()];
    expectNoLeak(() => softmaxCrossEntropy(LABELS, logits, { labelSmoothing: 0.1 }));
    expectNoLeak(() => tf.grad((v: tf.Tensor) => softmaxCrossEntropy(labels, v as tf.Tensor2D))(logits));
  });
});

describe('a call that cannot be', () => {
  const logits = () => tf.ones<tf.Rank.R2>([2, 3]);
  it.each<[string, () => unknown, string]>([
    [
      'logits',
      () => softmaxCrossEntropy([0], tf.ones([3]) as never),
      'logits must have shape (rows, classes), neither 0, got [3]',
    ],
    ['count', () => softmaxCrossEntropy([0], logits()), 'labels must be 2 class numbers, got 1'],
    ['label', () => softmaxCrossEntropy([0, 3], logits()), "labels must be integers in [0, 3), got '3 at 1'"],
    ['fraction', () => softmaxCrossEntropy([0.5, 1], logits()), "labels must be integers in [0, 3), got '0.5 at 0'"],
    [
      'shape',
      () => softmaxCrossEntropy(tf.ones<tf.Rank.R2>([2, 2]), logits()),
      "labels must be int32 of shape [2] or float32 of shape [2, 3], got 'float32 of shape [2, 2]'",
    ],
    [
      'kind',
      () => softmaxCrossEntropy('a' as never, logits()),
      "labels must be a tensor or a list of class numbers, got 'a'",
    ],
    [
      'options',
      () => softmaxCrossEntropy([0, 1], logits(), 0.1 as never),
      'options must be some of {labelSmoothing, reduction}, got 0.1',
    ],
    [
      'a misspelt option',
      () => softmaxCrossEntropy([0, 1], logits(), { smoothing: 0.1 } as never),
      'options must be some of {labelSmoothing, reduction}, got {smoothing: 0.1}',
    ],
    [
      'smoothing',
      () => softmaxCrossEntropy([0, 1], logits(), { labelSmoothing: 1 }),
      'labelSmoothing must be in [0, 1), got 1',
    ],
    [
      'reduction',
      () => softmaxCrossEntropy([0, 1], logits(), { reduction: 'max' as never }),
      "reduction must be 'mean', 'sum' or 'none', got 'max'",
    ],
  ])('is refused by a named error: %s', async (_, call, rule) => {
    await expectNamedError(call, TrainOpsError, `train-ops.softmaxCrossEntropy: ${rule}`);
  });
});
