import '../index.ts';
import { openTestBackend } from '@stridelab/test-kit';
import { CONVOLUTIONS, convolution, testGradientsThatTfjsLacks } from '@stridelab/test-kit/kernels/convolutions';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { expectParity, random, valueAndGradients } from '../testing/parity.ts';

describe('against cpu', () => {
  it.each(Object.entries(CONVOLUTIONS))('%s', async (_, options) => {
    await expectParity([random(options.x), random(options.filter, 2)], valueAndGradients(convolution(options)));
  });

  it('of an output without columns: zeros, and nothing beside them is touched', async () => {
    await openTestBackend('wasm');
    const around = Array.from({ length: 200 }, () => tf.ones([16]));
    for (let i = 0; i < 200; i += 2) around[i]!.dispose(); // holes that scratch memory is taken from
    // By name: TF.js's own convolution forward breaks its heap here.
    const gradient = (name: string, inputs: tf.NamedTensorMap, more: object) =>
      tf.engine().runKernel(name, inputs, { strides: 7, pad: 'valid', ...more }) as tf.Tensor;
    for (let batch = 1; batch < 30; batch++) {
      const [x, filter, dy] = [tf.ones([batch, 9, 2, 4]), tf.ones([3, 3, 4, 8]), tf.ones([batch, 1, 0, 8])];
      const dx = gradient(tf.Conv2DBackpropInput, { dy, filter }, { inputShape: x.shape });
      const dFilter = gradient(tf.Conv2DBackpropFilter, { x, dy }, { filterShape: filter.shape });
      for (const zeros of [dx, dFilter]) expect([...new Set(zeros.dataSync())]).toEqual([0]);
      for (const ones of [x, filter]) expect([...new Set(ones.dataSync())]).toEqual([1]);
    }
    for (const tensor of around.filter((_, i) => i % 2)) expect([...new Set(tensor.dataSync())]).toEqual([1]);
  });

  it('conv2dTranspose', async () => {
    const up = (a: tf.Tensor, b: tf.Tensor) =>
      tf.conv2dTranspose(a as tf.Tensor4D, b as tf.Tensor4D, [2, 9, 8, 3], [2, 2], 'same');
    await expectParity([random([2, 5, 4, 6]), random([3, 3, 3, 6], 2)], valueAndGradients(up));
  });

  it.each(['linear', 'relu', 'elu'] as const)('fused with a bias and %s', async (activation) => {
    const fused = (x: tf.Tensor, filter: tf.Tensor, bias: tf.Tensor) =>
      tf.fused.conv2d({
        x: x as tf.Tensor4D,
        filter: filter as tf.Tensor4D,
        bias,
        strides: 2,
        pad: 'same',
        activation,
      });
    await expectParity([random([2, 7, 6, 3]), random([3, 3, 3, 5], 2), random([5], 3)], valueAndGradients(fused));
  });

  it('gradients of gradients', async () => {
    const f = (x: tf.Tensor, w: tf.Tensor) =>
      tf.grad((v) => tf.conv2d(v as tf.Tensor4D, w as tf.Tensor4D, 2, 'same').square())(x);
    await expectParity([random([1, 5, 6, 2]), random([3, 3, 2, 3], 2)], valueAndGradients(f));
  });
});

describe('what TF.js lacks', () => testGradientsThatTfjsLacks('wasm'));
