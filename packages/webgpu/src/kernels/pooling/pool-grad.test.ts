import '../../index.ts';
import { openTestBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it, vi } from 'vitest';
import { expectParity, random, valueAndGradients } from '../../testing/parity.ts';

const GRID: [string, number[], number | [number, number], number | [number, number], 'same' | 'valid' | number][] = [
  ['2 by 2', [2, 8, 8, 8], 2, 2, 'same'],
  ['3 by 3, overlapping', [2, 7, 9, 5], 3, 2, 'same'],
  ['3 by 3, overlapping, four channels at once', [2, 9, 7, 12], 3, 2, 'same'],
  ['valid, a row left over', [2, 8, 7, 3], 3, 2, 'valid'],
  ['stride 1', [1, 5, 6, 4], 3, 1, 'same'],
  ['stride 3, gaps between windows', [2, 9, 8, 6], 2, 3, 'valid'],
  ['window larger than the map', [2, 3, 2, 4], 5, 1, 'same'],
  ['the whole map', [3, 6, 5, 8], [6, 5], 1, 'valid'],
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
    await expectParity([random(x)], (a) => (gradient(a) as tf.Tensor[])[1]!, 1e-5);
  });
});

it('counts the windows at the end of a side that was rounded up', async () => {
  await openTestBackend('webgpu');
  const { values, shape } = random([1, 5, 5, 4]);
  const x = tf.tensor4d(values as Float32Array, shape as [number, number, number, number]);
  const dy = tf.tensor(random([1, 3, 3, 4], 2).values, [1, 3, 3, 4]);
  const gradient = (f: (v: tf.Tensor4D) => tf.Tensor) => tf.grad(f as never)(x, dy);
  const padded = gradient((v) => {
    const edges = [0, 1, 1, 0].map((after) => [0, after] as [number, number]);
    return tf.maxPool(tf.pad(v, edges, -100), 2, 2, 'valid');
  });
  await expect(gradient((v) => tf.maxPool(v, 2, 2, 0, 'ceil'))).toBeAllClose(padded);
});

it.each([1, 4])('gives the gradient of a tie to the first of the largest, %i channels', async (channels) => {
  const values = [1, 1, 0, 2, 1, 1, 2, 2, 0, 0, -1, -1, 0, 0, -1, -1].flatMap((value) => Array(channels).fill(value));
  for (const [size, strides, pad] of [
    [2, 2, 'valid'],
    [3, 1, 'same'],
    [3, 2, 1],
  ] as const) {
    await expectParity(
      [{ shape: [1, 4, 4, channels], values }],
      valueAndGradients((a) => tf.maxPool(a as tf.Tensor4D, size, strides, pad)),
    );
  }
});

it('many ties in floats, as after a ReLU', async () => {
  await expectParity(
    [random([2, 9, 9, 8])],
    (x) => valueAndGradients((a) => tf.maxPool(a as tf.Tensor4D, 3, 2, 'same'))(tf.relu(x!)) as tf.Tensor[],
  );
});

it('is one dispatch', async () => {
  const dispatched = vi.spyOn(GPUComputePassEncoder.prototype, 'dispatchWorkgroups');
  const x = tf.ones<tf.Rank.R4>([1, 4, 4, 4]);
  const [y, dy] = [tf.maxPool(x, 2, 2, 'valid'), tf.ones([1, 2, 2, 4])];
  await tf.mul(dy, 1).data();
  dispatched.mockClear();
  tf.engine().runKernel('MaxPoolGrad', { dy, input: x, output: y }, { filterSize: 2, strides: 2, pad: 'valid' });
  expect(dispatched).toHaveBeenCalledTimes(1);
});
