import '../index.ts';
import { openTestBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { expectParity, random, valueAndGradients } from '../testing/parity.ts';

it.each([[[3, 5, 7, 9]], [[16]], [[1]], [[3]], [[]], [[0, 4]], [[64, 1031]]])(
  'where, of %j, against cpu',
  async (shape) => {
    const places = Uint8Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => (i * i) % 3);
    const choose = (x: tf.Tensor, y: tf.Tensor) => tf.where(tf.tensor(places, shape, 'bool'), x, y);
    await expectParity(
      [random(shape, 1), random(shape, 2)],
      valueAndGradients((x, y) => choose(x!, y!)),
    );
    const values = Int32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => 5 * i - 11);
    await expectParity([{ shape, values, dtype: 'int32' }], (x) => tf.where(tf.greater(x!, 3), x!, tf.neg(x!)));
  },
);

it('takes a condition that is repeated', async () => {
  await expectParity([random([4, 6]), random([6])], (x, y) => tf.where(tf.greater(y!, 0), x!, tf.zerosLike(x!)));
  await expectParity([random([4, 6])], (x) =>
    tf.where(tf.tensor1d([1, 0, 1, 1], 'bool').reshape([4, 1]), x!, tf.neg(x!)),
  );
});

it('leaves NaN where it was not chosen', async () => {
  await openTestBackend('wasm');
  const x = tf.tensor1d([Number.NaN, 1, Number.NaN, 2, 3]);
  expect([...(await tf.where(tf.isNaN(x), tf.zerosLike(x), x).data())]).toEqual([0, 1, 0, 2, 3]);
});

it('gives nothing of nothing', async () => {
  await openTestBackend('wasm');
  for (let round = 0; round < 20; round++) {
    const nothing = tf.where(tf.ones([1, 2, 3, 50], 'bool'), tf.zeros([0, 1, 1, 50]), tf.zeros([1, 2, 3, 1]));
    expect(nothing.size).toBe(0);
  }
});
