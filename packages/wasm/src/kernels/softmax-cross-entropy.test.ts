import '../index.ts';
import { openTestBackend } from '@stridelab/test-kit';
import { softmaxCrossEntropy } from '@stridelab/train-ops';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { expectParity, type Input, random } from '../testing/parity.ts';

const losses = (labelSmoothing: number) => (labels: tf.Tensor, logits: tf.Tensor) =>
  softmaxCrossEntropy(labels as tf.Tensor2D, logits as tf.Tensor2D, { labelSmoothing, reduction: 'none' });

/** Losses, and gradient with respect to logits. */
const both = (labelSmoothing: number) => (labels?: tf.Tensor, logits?: tf.Tensor) => {
  const of = losses(labelSmoothing);
  return [of(labels!, logits!), tf.grad((v: tf.Tensor) => of(labels!, v))(logits!)];
};

it.each([
  [1, 1],
  [3, 2],
  [5, 3],
  [4, 4],
  [2, 5],
  [128, 10],
  [3, 103],
])('%d rows of %d classes', async (rows, classes) => {
  const shape = [rows, classes];
  // Of any size: nearly all of these powers are far below one.
  const logits = { shape, values: random(shape).values.map((value: number) => 5 * value) } as Input;
  const labels = { shape, values: random(shape, 2).values.map(Math.abs) } as Input;
  for (const smoothing of [0, 0.2]) await expectParity([labels, logits], both(smoothing), 2e-6);
});

it('bears logits of any size', async () => {
  const labels = { shape: [3, 3], values: [1, 0, 0, 1, 0, 0, 0, 0.5, 0.5] };
  const logits = { shape: [3, 3], values: [1000, 0, -1000, -1000, 1000, 0, -3e38, 1, 1] };
  await expectParity([labels, logits], both(0), 1e-6);
});

it('says where a logit was no number, and in no other row', async () => {
  await openTestBackend('wasm');
  const labels = tf.ones([3, 5]);
  const logits = tf.tensor([...Array(7).fill(1), Number.NaN, ...Array(7).fill(1)], [3, 5]);
  const [loss, gradient] = both(0)(labels, logits).map((tensor) => [...tensor.dataSync()].map(Number.isNaN));
  expect(loss).toEqual([false, true, false]);
  expect(gradient).toEqual(Array.from({ length: 15 }, (_, i) => i >= 5 && i < 10));
});

it('is one kernel', async () => {
  await openTestBackend('wasm');
  const [labels, logits] = [tf.ones([2, 3]), tf.ones([2, 3])];
  const { kernelNames } = await tf.profile(() => losses(0)(labels, logits) as never);
  expect(kernelNames.filter((name) => name !== 'Identity' && tf.getKernel(name, 'wasm'))).toEqual([
    'StridelabSoftmaxCrossEntropy',
  ]);
});
