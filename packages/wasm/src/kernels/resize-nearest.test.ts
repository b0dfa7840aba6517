import '../index.ts';
import { openTestBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { expectParity, random } from '../testing/parity.ts';

const ENDS = {
  'as usual': [false, false],
  'with corners aligned': [true, false],
  'from centres': [false, true],
} as const;

describe.each<[number[], [number, number]]>([
  [
    [2, 4, 4, 3],
    [8, 8],
  ],
  [
    [3, 5, 7, 16],
    [15, 14],
  ],
  [
    [2, 5, 7, 2],
    [8, 3],
  ],
  [
    [2, 9, 8, 5],
    [3, 4],
  ],
  [
    [1, 1, 1, 1],
    [4, 1],
  ],
  [
    [2, 3, 3, 1],
    [1, 1],
  ],
  [
    [2, 3, 3, 4],
    [3, 3],
  ],
])('%j to %j', (shape, size) => {
  describe.each(Object.entries(ENDS))('%s', (_, [aligned, centred]) => {
    const resize = (x: tf.Tensor) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, size, aligned, centred);

    it('against cpu', async () => {
      await expectParity([random(shape)], (x) => resize(x!));
    });

    // cpu's own gradient is wrong from the second image on: it looks for dy where x lies.
    it('has the gradient of what it does, image by image', async () => {
      await openTestBackend('wasm');
      const { values } = random([shape[0]!, ...size, shape[3]!], 2);
      const dy = tf.tensor(values, [shape[0]!, ...size, shape[3]!]);
      const dx = await tf.grad(resize)(tf.ones(shape), dy).data();
      // It is linear: <dy, resize(e)> for every unit vector e.
      const count = dx.length;
      const units = tf.eye(count).reshape([count * shape[0]!, ...shape.slice(1)]);
      const resized = tf.reshape(resize(units), [count, dy.size]);
      await expect(tf.tensor1d(Float32Array.from(dx))).toBeAllClose(
        tf.matMul(resized, tf.reshape(dy, [-1, 1])).reshape([-1]),
      );
    });
  });
});

it('leaves integers to TF.js', async () => {
  await openTestBackend('wasm');
  const x = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1], 'int32');
  await expect(tf.image.resizeNearestNeighbor(x, [1, 4])).toBeAllClose([1, 1, 2, 2]);
});
