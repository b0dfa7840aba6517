import '../index.ts';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { expectParity, random, valueAndGradients } from '../testing/parity.ts';
import { pathOf } from './transpose.ts';

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
      [0, 3, 2],
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

  it('goes by as few axes as can be', () => {
    const matrix = { inner: [], outer: { length: 1, from: 0, to: 0 } };
    expect(pathOf([5, 7], [1, 0])).toEqual({ ...matrix, ...sides([5, 7, 1], [7, 1, 5]) });
    expect(pathOf([2, 3, 4], [2, 0, 1])).toEqual({ ...matrix, ...sides([6, 4, 1], [4, 1, 6]) });
    const stack = { ...matrix, outer: { length: 2, from: 60, to: 60 } };
    expect(pathOf([2, 3, 4, 5], [0, 3, 1, 2])).toEqual({ ...stack, ...sides([12, 5, 1], [5, 1, 12]) });
    const outer = { length: 3, from: 4, to: 2 };
    expect(pathOf([2, 3, 4], [2, 1, 0])).toEqual({ inner: [], outer, ...sides([2, 12, 1], [4, 1, 6]) });
    expect(pathOf([2, 3, 4], [1, 0, 2])).toMatchObject({ rows: { length: 4 }, columns: undefined });
    for (const shape of [[2, 3, 4], [5], []]) expect(pathOf(shape, [...shape.keys()])).toBeUndefined();
    expect(pathOf([1, 6, 1], [2, 1, 0])).toBeUndefined();
  });
});

function sides(rows: [number, number, number], columns: [number, number, number]) {
  const axis = ([length, from, to]: number[]) => ({ length, from, to });
  return { rows: axis(rows), columns: axis(columns) };
}
