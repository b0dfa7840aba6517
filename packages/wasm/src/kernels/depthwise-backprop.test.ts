import '../index.ts';
import { openTestBackend, randomValues } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { expectParity, random, valueAndGradients } from '../testing/parity.ts';

it.each([
  ['3x3', [2, 8, 8, 8], [3, 3, 8, 1], 1, 'same'],
  ['channels that fill no vector', [2, 7, 6, 5], [3, 3, 5, 1], 1, 'same'],
  ['stride 2', [2, 7, 8, 6], [3, 3, 6, 1], 2, 'same'],
  ['stride 3, valid', [1, 10, 9, 3], [2, 4, 3, 1], 3, 'valid'],
  ['multiplier 2', [2, 6, 5, 4], [3, 3, 4, 2], 1, 'same'],
  ['multiplier 3, stride 2', [2, 5, 6, 3], [3, 2, 3, 3], 2, 'valid'],
  ['one channel', [1, 5, 5, 1], [3, 3, 1, 1], 1, 'same'],
  ['filter larger than the map', [2, 3, 2, 4], [5, 7, 4, 1], 1, 'same'],
  ['padding of 1', [2, 5, 5, 4], [3, 3, 4, 1], 1, 1],
  // From eight channels on they go by eights, and taps by threes.
  ['19 channels', [2, 7, 6, 19], [3, 3, 19, 1], 1, 'same'],
  ['16 channels, stride 2', [2, 7, 8, 16], [3, 3, 16, 1], 2, 'same'],
  ['9 channels, stride 3, valid', [1, 10, 11, 9], [2, 4, 9, 1], 3, 'valid'],
  ['12 channels, taps of 5', [2, 6, 9, 12], [5, 5, 12, 1], 1, 'same'],
  ['14 channels, taps of 7, stride 2', [1, 9, 11, 14], [7, 7, 14, 1], 2, 'same'],
  ['8 channels, taps of 1', [2, 3, 4, 8], [3, 1, 8, 1], 1, 'same'],
  ['8 channels, a filter larger than the map', [2, 3, 2, 8], [5, 7, 8, 1], 1, 'same'],
  ['8 channels, one column', [2, 4, 1, 8], [3, 3, 8, 1], 1, 'same'],
  ['8 channels, padding of 4', [2, 5, 3, 8], [5, 6, 8, 1], 1, 4],
  ['8 channels, padding of 3, stride 2', [2, 5, 4, 8], [4, 4, 8, 1], 2, 3],
] as [string, number[], number[], number, 'same' | 'valid' | number][])(
  'against cpu: %s',
  async (_, x, filter, strides, pad) => {
    const conv = (a: tf.Tensor, b: tf.Tensor) =>
      tf.depthwiseConv2d(a as tf.Tensor4D, b as tf.Tensor4D, strides, pad as 'same');
    await expectParity([random(x), random(filter, 2)], valueAndGradients(conv));
  },
);

it.each([5, 11])('dilation, %d channels: as the gradient of a filter with zeros between its taps', async (channels) => {
  await openTestBackend('wasm');
  const x = tf.tensor4d(randomValues(2 * 9 * 8 * channels, 1), [2, 9, 8, channels]);
  const filter = tf.tensor4d(randomValues(3 * 3 * channels, 2), [3, 3, channels, 1]);
  const spread = (f: tf.Tensor) => {
    const rows = tf.stack([f, tf.zerosLike(f)], 1).reshape([6, 3, channels, 1]);
    const both = tf.stack([rows, tf.zerosLike(rows)], 2).reshape([6, 6, channels, 1]);
    return both.slice([0, 0, 0, 0], [5, 5, channels, 1]) as tf.Tensor4D;
  };
  const dilated = (a: tf.Tensor, f: tf.Tensor) =>
    tf.depthwiseConv2d(a as tf.Tensor4D, f as tf.Tensor4D, 1, 'same', 'NHWC', [2, 2]);
  const plain = (a: tf.Tensor, f: tf.Tensor) => tf.depthwiseConv2d(a as tf.Tensor4D, spread(f), 1, 'same');
  const dy = tf.tensor(randomValues(x.size, 3), x.shape);
  const [dx, dFilter] = tf.grads(dilated)([x, filter], dy);
  const [expectedDx, expectedDFilter] = tf.grads(plain)([x, filter], dy);
  await expect(dx!).toBeAllClose(expectedDx!, { relative: 1e-4 });
  await expect(dFilter!).toBeAllClose(expectedDFilter!, { relative: 1e-4 });
});
