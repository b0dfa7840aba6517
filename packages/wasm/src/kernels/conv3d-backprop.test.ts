import '../index.ts';
import { checkAdjoint, openTestBackend, randomValues } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { it } from 'vitest';
import { expectParity, random, valueAndGradients } from '../testing/parity.ts';

it.each([
  ['valid', [2, 4, 5, 4, 3], [2, 2, 2, 3, 5], 1, 'valid'],
  ['same, stride 2', [2, 5, 4, 6, 2], [3, 3, 3, 2, 4], 2, 'same'],
  ['batch 1, one channel', [1, 4, 4, 4, 1], [3, 2, 1, 1, 1], 1, 'same'],
  ['filter larger than the map', [2, 2, 2, 3, 2], [3, 3, 5, 2, 3], 1, 'same'],
] as [string, number[], number[], number, 'same' | 'valid'][])(
  'against cpu: %s',
  async (_, x, filter, strides, pad) => {
    const conv = (a: tf.Tensor, b: tf.Tensor) => tf.conv3d(a as tf.Tensor5D, b as tf.Tensor5D, strides, pad);
    await expectParity([random(x), random(filter, 2)], valueAndGradients(conv));
  },
);

it('is the adjoint of the convolution', async () => {
  await openTestBackend('wasm');
  const filter = tf.tensor5d(randomValues(2 * 2 * 2 * 3 * 4, 1), [2, 2, 2, 3, 4]);
  const x = tf.tensor5d(randomValues(2 * 4 * 5 * 4 * 3, 2), [2, 4, 5, 4, 3]);
  await checkAdjoint((v) => tf.conv3d(v as tf.Tensor5D, filter, 1, 'valid'), x);
});

it('conv3dTranspose', async () => {
  await expectParity([random([2, 3, 4, 3, 4]), random([2, 3, 2, 2, 4], 2)], (x, filter) =>
    tf.conv3dTranspose(x as tf.Tensor5D, filter as tf.Tensor5D, [2, 6, 8, 6, 2], 2, 'same'),
  );
});
