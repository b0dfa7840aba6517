import '../index.ts';
import * as tf from '@tensorflow/tfjs-core';
import { describe, it } from 'vitest';
import { expectParity, random, valueAndGradients } from '../testing/parity.ts';

const GRID: [string, number[], number | [number, number], number | [number, number], 'same' | 'valid' | number][] = [
  ['2 by 2', [2, 8, 8, 8], 2, 2, 'same'],
  ['3 by 3, overlapping', [2, 7, 9, 5], 3, 2, 'same'],
  ['valid, a row left over', [2, 8, 7, 3], 3, 2, 'valid'],
  ['stride 1', [1, 5, 6, 4], 3, 1, 'same'],
  ['stride 3, gaps between windows', [2, 9, 8, 6], 2, 3, 'valid'],
  ['window larger than the map', [2, 3, 2, 4], 5, 1, 'same'],
  ['sides that differ', [2, 8, 9, 1], [2, 3], [1, 2], 'same'],
  ['padding of 1', [2, 6, 6, 7], 3, 2, 1],
];

describe.each([
  ['maxPool', tf.maxPool],
  ['avgPool', tf.avgPool],
] as const)('%s against cpu', (_, pool) => {
  it.each(GRID)('%s', async (_, x, size, strides, pad) => {
    // Forward, averages at a padded border differ between TF.js's own backends; the gradient is what is ours.
    const gradient = (a: tf.Tensor) => valueAndGradients((v) => pool(v as tf.Tensor4D, size, strides, pad))(a);
    await expectParity([random(x)], (a) => (gradient(a) as tf.Tensor[])[1]!);
  });
});

it('gives the gradient of a tie to the first of the largest', async () => {
  const x = { shape: [1, 2, 4, 1], values: [1, 1, 0, 2, 1, 1, 2, 2] };
  await expectParity(
    [x],
    valueAndGradients((a) => tf.maxPool(a as tf.Tensor4D, 2, 2, 'valid')),
  );
});
