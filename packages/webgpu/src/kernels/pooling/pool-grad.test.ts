import '../../index.ts';
import { openTestBackend } from '@stridelab/test-kit';
import { testPoolingGradients } from '@stridelab/test-kit/kernels/pooling-gradients';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it, vi } from 'vitest';
import { expectParity, random } from '../../testing/parity.ts';

testPoolingGradients('webgpu');

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

it.each([1, 4])('passes over what is no number, as cpu does, %i channels', async (channels) => {
  const shape: [number, number, number, number] = [1, 4, 4, channels];
  const [nan, least] = [Number.NaN, Number.NEGATIVE_INFINITY];
  const map = [1, nan, 3, 4, 5, 6, nan, nan, 9, 8, nan, nan, 1, nan, nan, least];
  const values = map.flatMap((value) => Array<number>(channels).fill(value));
  for (const [size, strides, pad] of [
    [2, 2, 'valid'],
    [3, 1, 'same'],
    [4, 1, 'valid'],
  ] as const) {
    // Maxima as cpu finds them: a shader's may be what is no number.
    await openTestBackend('cpu');
    const maxima = tf.maxPool(tf.tensor4d(values, shape), size, strides, pad);
    const pooled = { shape: maxima.shape, values: maxima.dataSync<'float32'>() };
    await expectParity([{ shape, values }, pooled, random(maxima.shape)], (input, output, dy) => {
      const inputs = { dy: dy!, input: input!, output: output! };
      return tf.engine().runKernel('MaxPoolGrad', inputs, { filterSize: size, strides, pad }) as tf.Tensor;
    });
  }
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
