import '../index.ts';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { expectParity, random, valueAndGradients } from '../testing/parity.ts';
import { stackOfMatrices } from './transpose.ts';

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

  it('knows a stack of matrices', () => {
    expect(stackOfMatrices([2, 3, 4, 5], [0, 3, 1, 2])).toEqual({ matrices: 2, rows: 12, columns: 5 });
    expect(stackOfMatrices([2, 3, 4], [2, 0, 1])).toEqual({ matrices: 1, rows: 6, columns: 4 });
    expect(stackOfMatrices([2, 3, 4], [2, 1, 0])).toBeUndefined();
    expect(stackOfMatrices([2, 3, 4], [0, 1, 2])).toBeUndefined();
  });
});
