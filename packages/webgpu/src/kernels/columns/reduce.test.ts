import '../../index.ts';
import { openTestBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { expectParity, type Input, random, valueAndGradients } from '../../testing/parity.ts';

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
    [[3000, 3], [0]],
    [[3000, 64], [0]],
    [[300, 130], 0],
    [[2000, 3, 8], [1]],
    [[2, 9000, 1], [1]],
    [[7, 5000], [1]],
    [[20_001], undefined],
    [[9001, 32], [0]],
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
  ] as [number[], number[] | number | undefined][])('of %j over %j', async (shape, axes) => {
    for (const keepDims of [false, true]) {
      await expectParity(
        [random(shape)],
        valueAndGradients((x) => reduce(x, axes, keepDims)),
        1e-5,
      );
    }
  });

  it('of integers, and of integers cast to floats', async () => {
    const x: Input = { shape: [2, 3], values: [1, 2, 3, 4, 5, 7], dtype: 'int32' };
    await expectParity([x], (v) => reduce(v, 0));
    await expectParity([x], (v) => reduce(tf.cast(v, 'float32'), 0));
  });
});

it('sums many rows with small error', async () => {
  await openTestBackend('webgpu');
  const x = tf.fill([200_000, 4], 0.1);
  await expect(tf.sum(x, 0)).toBeAllClose([20_000, 20_000, 20_000, 20_000], { relative: 1e-6 });
  await expect(tf.sum(x)).toBeAllClose(80_000, { relative: 1e-6 });
});
