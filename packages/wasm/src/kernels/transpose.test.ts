import '../index.ts';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { expectParity, random, valueAndGradients } from '../testing/parity.ts';

describe('transpose', () => {
  it.each([
    [
      [5, 7],
      [1, 0],
    ],
    [
      [16, 8],
      [1, 0],
    ],
    [
      [33, 18],
      [1, 0],
    ],
    [
      [2, 3, 4, 5],
      [0, 3, 1, 2],
    ],
    [
      [2, 3, 4, 5],
      [2, 3, 0, 1],
    ],
    [
      [2, 3, 4, 5],
      [0, 2, 1, 3],
    ],
    [
      [2, 3, 4, 5],
      [3, 2, 1, 0],
    ],
    [
      [2, 3, 4],
      [0, 1, 2],
    ],
    [
      [1, 6, 1],
      [2, 1, 0],
    ],
    [
      [3, 5, 2, 7, 4],
      [4, 3, 2, 1, 0],
    ],
    [
      [9, 6, 5, 3],
      [1, 3, 0, 2],
    ],
    [
      [2, 6, 2, 5, 2, 3],
      [2, 4, 0, 1, 3, 5],
    ],
    [
      [3, 29],
      [1, 0],
    ],
    [
      [2, 29, 3],
      [0, 2, 1],
    ],
    [
      [5, 4, 3, 7],
      [0, 3, 2, 1],
    ],
  ])('%j by %j', async (shape, perm) => {
    await expectParity(
      [random(shape)],
      valueAndGradients((x) => tf.transpose(x, perm)),
    );
    const count = tf.util.sizeFromShape(shape);
    await expectParity([{ shape, values: Array.from({ length: count }, (_, i) => i), dtype: 'int32' }], (x) =>
      tf.transpose(x, perm),
    );
  });

  it('moves nothing where no value changes its place, and the result may outlive the tensor', () => {
    const before = tf.backend().numDataIds();
    const x = tf.tensor3d([1, 2, 3], [1, 3, 1]);
    const y = tf.transpose(x, [2, 1, 0]);
    expect(tf.backend().numDataIds()).toBe(before + 1);
    x.dispose();
    expect(y.arraySync()).toEqual([[[1], [2], [3]]]);
    y.dispose();
  });

  it.each(['float32', 'int32', 'bool'] as const)('of nothing, %s', (dtype) => {
    for (const perm of [
      [0, 2, 1],
      [2, 1, 0],
      [1, 0, 2],
    ]) {
      const shape = tf.transpose(tf.zeros([0, 2, 3], dtype), perm).shape;
      expect(shape).toEqual(perm.map((axis) => [0, 2, 3][axis]));
    }
  });
});
