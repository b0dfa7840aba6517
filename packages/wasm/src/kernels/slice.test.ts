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

it.each<[number[], number[], number[], RegExp]>([
  [[4], [6], [-1], /begin and size must lie within \[4\], got \{begin: \[6\], size: \[-2\]\}/],
  [[4], [2], [6], /begin\[0\] \+ size\[0\] \(8\) would overflow/],
  [[4], [100_000_000], [1], /would overflow/],
  [[2, 3], [0, 2], [2, 3], /begin\[1\] \+ size\[1\] \(5\) would overflow/],
  [[4], [-2], [2], /begin and size must lie within \[4\], got \{begin: \[-2\], size: \[2\]\}/],
])('of %j from %j, %j long, would lie elsewhere, and is refused', async (shape, begin, size, message) => {
  const x = tf.zeros(shape);
  expect(() => tf.slice(x, begin, size)).toThrow(message);
  await expect(tf.add(x, 1)).toBeAllClose(tf.ones(shape));
});

it('of nothing but the middle of five axes', async () => {
  const shape = [5, 6, 7, 6, 5];
  const x = tf.range(0, tf.util.sizeFromShape(shape)).reshape(shape);
  const [begin, size] = [
    [1, 1, 2, 1, 1],
    [3, 4, 4, 4, 3],
  ];
  expect([...(await tf.slice(x, begin!, size).data())]).toEqual(expected(shape, begin!, size!));
});
