import '../index.ts';
import { openTestBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { expectParity, random, valueAndGradients } from '../testing/parity.ts';

describe.each([
  ['sum', tf.sum],
  ['mean', tf.mean],
] as const)('%s', (_, reduce) => {
  it.each([
    [
      [4, 5, 6, 7],
      [0, 1, 2],
    ],
    [
      [4, 5, 6, 16],
      [1, 2],
    ],
    [[3, 70, 21], [1]],
    [[300, 3], [0]],
    [[300, 37], 0],
    [
      [4, 5, 6, 7],
      [-4, -3],
    ],
    [
      [4, 5, 6, 7],
      [0, 2],
    ],
    [[4, 5, 6], [2]],
    [[4, 5, 1], [0]],
    [[3, 4], undefined],
    [[5], [0]],
    [[0, 3], [0]],
  ] as [number[], number[] | number | undefined][])('of %j over %j', async (shape, axes) => {
    if (shape.includes(0) && reduce === tf.mean) return; // 0 / 0
    for (const keepDims of [false, true]) {
      await expectParity(
        [random(shape)],
        valueAndGradients((x) => reduce(x, axes, keepDims)),
      );
    }
  });

  it('of integers', async () => {
    await expectParity([{ shape: [2, 3], values: [1, 2, 3, 4, 5, 7], dtype: 'int32' }], (x) => reduce(x, 0));
  });
});

it('sums many rows with small error', async () => {
  await openTestBackend('wasm');
  const sum = tf.sum(tf.fill([200_000, 4], 0.1), 0);
  await expect(sum).toBeAllClose([20_000, 20_000, 20_000, 20_000], { relative: 2e-6 });
});

it.each([3, 16])('an infinite value among many rows of %i columns makes an infinite sum', async (columns) => {
  await openTestBackend('wasm');
  const x = tf.buffer([200, columns]);
  for (const [column, value] of [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN].entries()) {
    x.set(value, 100, column);
  }
  const sums = tf.sum(x.toTensor(), 0).dataSync();
  expect([...sums.subarray(0, 3)]).toEqual([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN]);
});
