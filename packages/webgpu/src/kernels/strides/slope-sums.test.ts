import '../../index.ts';
import { type DiffStride2dOptions, diffStride2d } from '@stridelab/diffstride';
import * as tf from '@tensorflow/tfjs-core';
import { it } from 'vitest';
import { expectParity, random } from '../../testing/parity.ts';

const NAME = 'StridelabSlopeSums';

/** The definition, by TF.js's operations on the other backend. */
function work(bins: number[][]) {
  return (products: tf.Tensor, ...masks: tf.Tensor[]) => {
    if (tf.getBackend() === 'webgpu') {
      const inputs: tf.NamedTensorMap = { products };
      for (const [i, list] of bins.entries()) {
        inputs[`bins${i}`] = tf.tensor1d(list, 'int32');
        [inputs[`weights${i}`], inputs[`slopes${i}`]] = [masks[2 * i]!, masks[2 * i + 1]!];
      }
      return tf.engine().runKernel(NAME, inputs, {}) as tf.Tensor;
    }
    const over = (i: number) => tf.gather(masks[i]!, tf.tensor1d(bins[i >> 1]!, 'int32'));
    if (bins.length === 1) return tf.reshape(tf.sum(tf.mul(products, over(1))), [1]);
    const grid = tf.reshape(products, bins.map(({ length }) => length)); // biome-ignore format: one call
    const sum = (rows: tf.Tensor, columns: tf.Tensor) =>
      tf.sum(tf.mul(tf.mul(grid, tf.reshape(rows, [-1, 1])), columns));
    return tf.stack([sum(over(1), over(2)), sum(over(0), over(3))]);
  };
}

it.each([
  [
    'a map',
    [
      [0, 0, 1, 1, 2, 2, 3, 3],
      [0, 1, 2, 0, 1, 2],
    ],
  ],
  [
    'a map of more places than threads',
    [Array.from({ length: 40 }, (_, i) => i % 20), Array.from({ length: 21 }, (_, i) => i)],
  ],
  ['a place', [[0], [0]]],
  ['a signal', [[0, 1, 2, 3, 0, 1, 3]]],
])('of %s', async (_, bins) => {
  // biome-ignore format: a list each
  const places = bins.reduce((product, { length }) => product * length, 1);
  const masks = bins.flatMap((list, i) => [1, 2].map((seed) => random([Math.max(...list) + 1], seed + 3 * i)));
  await expectParity([random([places], 9), ...masks], work(bins));
});

it.each<[string, DiffStride2dOptions]>([
  ['published', {}],
  ['symmetric', { mask: 'symmetric' }],
])('have gradients of their own, of a %s mask', async (_, options) => {
  const losses = (x: tf.Tensor, strides: tf.Tensor) =>
    tf.grads((v: tf.Tensor, s: tf.Tensor) => tf.sum(tf.square(diffStride2d(v as tf.Tensor4D, s, options))))([
      x,
      strides,
    ]);
  const inputs = [random([2, 12, 10, 16], 4), { shape: [2], values: [1.6, 1.8] }];
  await expectParity(inputs, (x, strides) => [
    losses(x!, strides!)[1]!,
    tf.grad((v: tf.Tensor) => tf.sum(tf.square(losses(v, strides!)[1]!)))(x!),
  ]);
});
