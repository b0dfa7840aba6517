import '../index.ts';
import { softmaxCrossEntropy } from '@stridelab/train-ops';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it, vi } from 'vitest';
import { expectParity, random, valueAndGradients } from '../testing/parity.ts';

it.each([
  [128, 10, 0],
  [65, 47, 0.2],
  [5, 48, 0.2],
  [9, 1000, 0.1],
  [3, 1001, 0],
  [1, 2, 0.1],
])('%i rows of %i classes, smoothing %f', async (rows, classes, labelSmoothing) => {
  const run = vi.spyOn(tf.engine(), 'runKernel');
  const labels = tf.util.createShuffledIndices(rows).map((i) => i % classes);
  await expectParity(
    [random([rows, classes], 3, 8)],
    valueAndGradients((logits) =>
      softmaxCrossEntropy(Array.from(labels), logits as tf.Tensor2D, { labelSmoothing, reduction: 'none' }),
    ),
    1e-5,
  );
  expect(run.mock.calls.map(([name]) => name)).toContain('StridelabSoftmaxCrossEntropy');
});

it('takes weights that need not sum to 1, logits far apart, and the same tensor twice', async () => {
  for (const classes of [5, 100]) {
    await expectParity(
      [random([4, classes], 3, 60), random([4, classes], 4)],
      (logits, labels) => {
        const losses = (v: tf.Tensor, w: tf.Tensor) => softmaxCrossEntropy(w as tf.Tensor2D, v as tf.Tensor2D);
        return [losses(logits!, labels!), losses(logits!, logits!), tf.grad((v) => losses(v, labels!))(logits!)];
      },
      1e-5,
    );
  }
});
