import '../index.ts';
import { softmaxCrossEntropy } from '@stridelab/train-ops';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it, vi } from 'vitest';
import { expectParity, random, valueAndGradients } from '../testing/parity.ts';

it.each([
  [128, 10, 0],
  [65, 100, 0.2],
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
