import '../index.ts';
import { openTestBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { expectParity, random, valueAndGradients } from '../testing/parity.ts';

const integers = (shape: number[]) => ({
  shape,
  values: Int32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => 7 * i - 30),
  dtype: 'int32' as const,
});

describe.each<[number[][], number]>([
  [[[3], [5]], 0],
  [
    [
      [2, 3],
      [2, 1],
      [2, 19],
    ],
    1,
  ],
  [
    [
      [2, 3],
      [4, 3],
    ],
    0,
  ],
  [
    [
      [2, 3, 5],
      [2, 1, 5],
    ],
    -2,
  ],
  [
    [
      [2, 4, 4, 16],
      [2, 4, 4, 33],
    ],
    3,
  ],
  [
    [
      [2, 3],
      [2, 0],
      [2, 2],
    ],
    1,
  ],
  [
    [
      [0, 3],
      [0, 2],
    ],
    1,
  ],
  [
    [
      [64, 50, 7],
      [64, 50, 5],
    ],
    2,
  ],
])('concat %j along %d', (shapes, axis) => {
  it('against cpu', async () => {
    await expectParity(
      shapes.map((shape, i) => random(shape, i + 1)),
      valueAndGradients((...tensors) => tf.concat(tensors, axis)),
    );
    await expectParity(shapes.map(integers), (...tensors) => tf.concat(tensors as tf.Tensor[], axis));
  });
});

describe.each<[number[], number | number[], number]>([
  [[8], 4, 0],
  [[2, 6], [1, 0, 5], 1],
  [[6, 3], [4, 2], 0],
  [[2, 4, 4, 49], [16, 33], -1],
  [[3, 6, 5], 3, 1],
  [[2, 6], [4, -1], 1],
  [[0, 6], 2, 1],
  [[64, 50, 12], 2, 2],
])('split %j by %j along %d', (shape, sizes, axis) => {
  it('against cpu', async () => {
    // Each part with another factor, so that none can be taken for another.
    const weighted = (x: tf.Tensor) =>
      tf.concat(
        tf.split(x, sizes, axis).map((part, i) => tf.mul(part, i + 2)),
        axis,
      );
    await expectParity([random(shape)], valueAndGradients(weighted));
    await expectParity([integers(shape)], (x) => tf.split(x!, sizes, axis));
  });
});

it.each<[number[], number]>([
  [[3, 4], 0],
  [[3, 4], 1],
  [[2, 5, 3], -2],
  [[4], 0],
  [[32, 50, 64], 1],
])('unstack %j along %d', async (shape, axis) => {
  const weighted = (x: tf.Tensor) =>
    tf.stack(
      tf.unstack(x, axis).map((part, i) => tf.mul(part, i + 2)),
      axis,
    );
  await expectParity([random(shape)], valueAndGradients(weighted));
  await expectParity([integers(shape)], (x) => tf.unstack(x!, axis));
});

it('leaves other types to TF.js', async () => {
  await openTestBackend('wasm');
  const flags = tf.tensor2d([true, false, true, true], [2, 2], 'bool');
  expect(tf.concat([flags, flags], 1).arraySync()).toEqual([
    [1, 0, 1, 0],
    [1, 1, 1, 1],
  ]);
  expect(tf.unstack(flags).map((row) => Array.from(row.dataSync()))).toEqual([
    [1, 0],
    [1, 1],
  ]);
  const words = tf.tensor1d(['a', 'b', 'c']);
  expect(tf.concat([words, words]).arraySync()).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
});
