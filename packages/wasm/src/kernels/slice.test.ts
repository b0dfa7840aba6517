import '../index.ts';
import { openTestBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it, vi } from 'vitest';

beforeAll(() => openTestBackend('wasm'));

/** The definition, on the host. */
function expected(shape: number[], begin: number[], size: number[]): number[] {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  let places = [0];
  for (const [axis, stride] of strides.entries()) {
    places = places.flatMap((place) =>
      Array.from({ length: size[axis]! }, (_, i) => place + (begin[axis]! + i) * stride),
    );
  }
  return places;
}

it.each([
  [[7], [2], [3]],
  [
    [4, 5],
    [1, 0],
    [2, 5],
  ],
  [
    [4, 5],
    [0, 2],
    [4, 2],
  ],
  [
    [3, 4, 5],
    [1, 1, 1],
    [2, 2, 3],
  ],
  [
    [3, 4, 5],
    [0, 1, 0],
    [3, 1, 5],
  ],
  [
    [3, 4, 5],
    [0, 0, 0],
    [3, 4, 5],
  ],
  [
    [2, 3, 4, 5],
    [1, 0, 2, 3],
    [1, 3, 2, 2],
  ],
  [
    [2, 2, 3, 2, 2],
    [0, 1, 1, 0, 1],
    [2, 1, 2, 2, 1],
  ],
  [
    [2, 1, 3, 2, 1, 2],
    [0, 0, 1, 1, 0, 0],
    [2, 1, 2, 1, 1, 2],
  ],
  [
    [3, 4],
    [1, 2],
    [2, 0],
  ],
  [
    [0, 4],
    [0, 1],
    [0, 2],
  ],
])('takes what the definition says: of [%s] from [%s], [%s] long', (shape, begin, size) => {
  const values = tf.util.createShuffledIndices(tf.util.sizeFromShape(shape));
  for (const dtype of ['float32', 'int32'] as const) {
    const x = tf.tensor([...values], shape, dtype);
    const y = tf.slice(x, begin, size);
    expect([y.shape, y.dtype]).toEqual([size, dtype]);
    expect([...y.dataSync()]).toEqual(expected(shape, begin, size).map((place) => values[place]));
  }
});

it('copies no more than it takes, and leaves other types to TF.js', () => {
  const readSync = vi.spyOn(tf.backend(), 'readSync');
  const x = tf.ones([100, 100]);
  const y = tf.slice(x, [3, 0], [2, 100]);
  expect(readSync).not.toHaveBeenCalled();
  x.dispose(); // a copy, not a view
  expect([...y.dataSync()]).toEqual(Array.from({ length: 200 }, () => 1));
  expect(tf.slice(tf.tensor1d(['a', 'b', 'c']), 1, 2).dataSync()).toEqual(['b', 'c']);
  expect([...tf.slice(tf.tensor1d([true, false, true], 'bool'), 1, 2).dataSync()]).toEqual([0, 1]);
  readSync.mockRestore();
});
