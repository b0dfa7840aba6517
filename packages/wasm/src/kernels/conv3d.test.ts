import '../index.ts';
import { checkAdjoint, expectNamedError, openTestBackend, randomValues } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { WasmError } from '../errors.ts';
import { expectParity, random, valueAndGradients } from '../testing/parity.ts';

type Strides = [number, number, number] | number;

describe('against cpu, value and gradients', () => {
  it.each([
    ['valid', [2, 4, 5, 4, 3], [2, 2, 2, 3, 5], 1, 'valid'],
    ['same, stride 2', [2, 5, 4, 6, 2], [3, 3, 3, 2, 4], 2, 'same'],
    ['strides of each axis', [2, 5, 6, 7, 3], [3, 2, 3, 3, 4], [1, 2, 3], 'same'],
    ['a stride along the depth alone', [2, 7, 6, 7, 3], [2, 3, 3, 3, 4], [3, 1, 1], 'valid'],
    ['batch 1, one channel', [1, 4, 4, 4, 1], [3, 2, 1, 1, 1], 1, 'same'],
    ['filter larger than the map', [2, 2, 2, 3, 2], [3, 3, 5, 2, 3], 1, 'same'],
    ['a filter of one frame', [2, 3, 9, 8, 5], [1, 3, 3, 5, 6], 1, 'same'],
    ['of one number', [2, 3, 4, 5, 6], [1, 1, 1, 6, 7], 1, 'valid'],
    ['of one number, shorter than its strides', [2, 4, 6, 4, 3], [1, 1, 1, 3, 4], 2, 'same'],
    ['shorter than its strides in some directions', [1, 6, 8, 5, 3], [3, 1, 2, 3, 4], [1, 3, 4], 'same'],
    ['no volume at all', [0, 3, 4, 4, 2], [2, 3, 3, 2, 3], 1, 'same'],
    ['frames by tiles', [2, 3, 12, 13, 8], [3, 3, 3, 8, 9], 1, 'same'],
    ['more frames than a portion holds', [2, 5, 64, 64, 20], [3, 3, 3, 20, 2], 1, 'same'],
    ['frames larger than a portion', [1, 2, 300, 301, 12], [2, 1, 1, 12, 1], 1, 'same'],
  ] as [string, number[], number[], Strides, 'same' | 'valid'][])('%s', async (_, x, filter, strides, pad) => {
    const conv = (a: tf.Tensor, b: tf.Tensor) => tf.conv3d(a as tf.Tensor5D, b as tf.Tensor5D, strides, pad);
    await expectParity([random(x), random(filter, 2)], valueAndGradients(conv));
  });
});

it.each([
  [2, 'same'],
  [[1, 2, 3], 'valid'],
  [[3, 1, 2], 'same'],
] as [Strides, 'same' | 'valid'][])('dilated by %o, %s', async (dilations, pad) => {
  await expectParity([random([2, 7, 8, 9, 3]), random([3, 2, 3, 3, 4], 2)], (x, filter) =>
    tf.conv3d(x as tf.Tensor5D, filter as tf.Tensor5D, 1, pad, 'NDHWC', dilations),
  );
});

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

it('reads nothing beyond volumes that are too small for what they shall have come from', async () => {
  await openTestBackend('wasm');
  const x = tf.ones<tf.Rank.R5>([1, 2, 2, 2, 1]);
  const transpose = () => tf.conv3dTranspose(x, tf.ones([3, 3, 3, 1, 1]), [1, 5, 5, 5, 1], 2, 'same');
  await expectNamedError(
    transpose,
    WasmError,
    'wasm.Conv3DBackpropInputV2: dy must have the shape [1, 3, 3, 3, 1], got [1, 2, 2, 2, 1]',
  );
});

it('leaves volumes of whole numbers to TF.js, which refuses them', async () => {
  await openTestBackend('wasm');
  const x = tf.ones([1, 2, 3, 3, 2], 'int32') as tf.Tensor5D;
  expect(() => tf.conv3d(x, tf.ones([2, 3, 3, 2, 1]), 1, 'valid')).toThrow('must have dtype float32');
});
