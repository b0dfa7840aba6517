// On wasm, the kernels of @stridelab/wasm give what TF.js's own give.

import { KERNELS } from '@stridelab/spectral-pooling/spectral-map';
import { expectNoLeak, randomTensor } from '@stridelab/test-kit';
import { openTestBackend } from '@stridelab/test-kit/backends';
import { registerWasmTraining, restore } from '@stridelab/wasm/training';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { type DiffStride2dOptions, diffStride1d, diffStride2d } from './diff-stride2d.ts';

beforeAll(() => openTestBackend('wasm'));
afterEach(restore);

it('are there under their names', () => {
  const { productChain, chainProducts } = KERNELS;
  const known = () => [productChain, chainProducts].map((name) => tf.getKernel(name, 'wasm') !== undefined);
  expect(known()).toEqual([false, false]);
  registerWasmTraining();
  expect(known()).toEqual([true, true]);
});

/** Value, gradients, and the gradient of a loss of the gradients. */
function allOf(f: (...inputs: tf.Tensor[]) => tf.Tensor, inputs: tf.Tensor[]): tf.Tensor[] {
  const squares = (...xs: tf.Tensor[]) => tf.sum(tf.square(f(...xs))) as tf.Scalar;
  const slope = (...xs: tf.Tensor[]) =>
    tf
      .grads(squares)(xs)
      .reduce((sum, gradient) => tf.add(sum, tf.sum(tf.square(gradient))), tf.scalar(0));
  return [f(...inputs), ...tf.grads(squares)(inputs), tf.grad((x) => slope(x, ...inputs.slice(1)))(inputs[0]!)];
}

it.each<[number[], number[], DiffStride2dOptions]>([
  [[5, 16, 14, 7], [1.9, 2.3], {}],
  [[2, 15, 21, 33], [1.2, 3], {}],
  [[1, 20, 17, 40], [2, 2], { mask: 'symmetric' }],
  [[3, 12, 16, 4], [3, 1.4], { cropping: false, smoothness: 2 }],
  [[2, 6, 12, 18], [1.7, 1.7], { dataFormat: 'channelsFirst' }],
])('%j at strides %j, %j', async (shape, strides, options) => {
  const inputs = [randomTensor(shape, 1), tf.tensor1d(strides)];
  const pool = (x: tf.Tensor, s: tf.Tensor) => diffStride2d(x as tf.Tensor4D, s, options);
  const frozen = (x: tf.Tensor) => diffStride2d(x as tf.Tensor4D, strides as [number, number], options);
  const work = () => [...allOf(pool as never, inputs), ...allOf(frozen as never, inputs.slice(0, 1))];
  const expected = work();
  registerWasmTraining();
  for (const [i, result] of work().entries()) {
    expect(result.shape).toEqual(expected[i]!.shape);
    await expect(result).toBeAllClose(expected[i]!, { relative: 2e-5 });
  }
  expectNoLeak(() => tf.tidy(() => void work()));
});

it('signals', async () => {
  const inputs = [randomTensor([3, 40, 9], 1), tf.tensor1d([2.2])];
  const pool = (x: tf.Tensor, s: tf.Tensor) => diffStride1d(x as tf.Tensor3D, s);
  const expected = allOf(pool as never, inputs);
  registerWasmTraining();
  for (const [i, result] of allOf(pool as never, inputs).entries()) {
    await expect(result).toBeAllClose(expected[i]!, { relative: 2e-5 });
  }
});

it('make nothing of nothing', () => {
  registerWasmTraining();
  const [x, strides] = [tf.zeros([0, 12, 9, 3]), tf.tensor1d([2, 3])];
  const pool = (v: tf.Tensor, s: tf.Tensor) => diffStride2d(v as tf.Tensor4D, s);
  expect(
    tf
      .grads(pool as never)([x, strides])
      .map(({ shape }) => shape),
  ).toEqual([[0, 12, 9, 3], [2]]);
});
