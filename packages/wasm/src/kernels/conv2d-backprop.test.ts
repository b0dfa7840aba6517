import '../index.ts';
import { naiveConv2d, openTestBackend, randomValues } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { expectParity, random, valueAndGradients } from '../testing/parity.ts';

type Pad = 'same' | 'valid' | number | [[number, number], [number, number], [number, number], [number, number]];
const explicit: Pad = [
  [0, 0],
  [1, 2],
  [0, 1],
  [0, 0],
];

// x, filter, strides, padding
const GRID: [string, number[], number[], number | [number, number], Pad][] = [
  ['3x3', [2, 8, 8, 4], [3, 3, 4, 8], 1, 'same'],
  ['odd sizes', [2, 7, 5, 3], [3, 3, 3, 5], 1, 'same'],
  ['valid', [3, 9, 7, 6], [3, 2, 6, 7], 1, 'valid'],
  ['stride 2, even', [2, 8, 8, 5], [3, 3, 5, 9], 2, 'same'],
  ['stride 2, odd', [2, 7, 9, 4], [3, 3, 4, 8], 2, 'same'],
  ['stride 2, valid, a row left over', [1, 8, 8, 3], [3, 3, 3, 4], 2, 'valid'],
  ['stride 3', [2, 10, 11, 5], [3, 3, 5, 6], 3, 'same'],
  ['stride 3 over a 2x2 filter: pixels that nothing reads', [1, 9, 9, 2], [2, 2, 2, 3], 3, 'valid'],
  ['strides that differ', [2, 9, 8, 3], [3, 5, 3, 4], [1, 2], 'same'],
  ['batch 1', [1, 6, 6, 8], [3, 3, 8, 16], 1, 'same'],
  ['one channel', [2, 6, 6, 1], [3, 3, 1, 1], 1, 'same'],
  ['1x1', [2, 5, 6, 7], [1, 1, 7, 9], 1, 'same'],
  ['1x1, stride 2', [2, 6, 5, 7], [1, 1, 7, 3], 2, 'same'],
  ['filter larger than the map', [2, 3, 2, 4], [5, 7, 4, 3], 1, 'same'],
  ['filter larger than the map, stride 2', [1, 3, 3, 2], [7, 7, 2, 2], 2, 'same'],
  ['padding of 2', [2, 6, 6, 3], [3, 3, 3, 4], 1, 2],
  ['more padding than the filter reaches', [1, 4, 4, 2], [1, 1, 2, 3], 1, 2],
  ['explicit padding', [2, 6, 6, 3], [3, 3, 3, 4], 1, explicit],
  ['explicit padding, stride 2', [2, 7, 6, 3], [3, 3, 3, 4], 2, explicit],
  ['more pixels than one pass, many channels', [3, 20, 17, 13], [3, 3, 13, 18], 1, 'same'],
  ['several images in a pass', [9, 4, 4, 12], [3, 3, 12, 20], 1, 'same'],
];

describe('against cpu', () => {
  it.each(GRID)('%s', async (_, x, filter, strides, pad) => {
    const conv = (a: tf.Tensor, b: tf.Tensor) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, strides, pad as 'same');
    await expectParity([random(x), random(filter, 2)], valueAndGradients(conv));
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

describe('dilation, which TF.js refuses', () => {
  // A dilated filter is a filter with zeros between its taps; of its gradient, those taps are kept.
  it.each([
    ['same', [2, 3]],
    ['valid', [2, 2]],
    ['same', [1, 3]],
  ] as const)('%s, %j', async (pad, dilations) => {
    await openTestBackend('wasm');
    const [shape, kernelShape] = [
      [2, 9, 8, 3],
      [3, 2, 3, 5],
    ] as [number[], number[]] as [[number, number, number, number], [number, number, number, number]];
    const [x, kernel] = [randomValues(2 * 9 * 8 * 3, 1), randomValues(3 * 2 * 3 * 5, 2)];
    const conv = (a: tf.Tensor, b: tf.Tensor) =>
      tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, 1, pad, 'NHWC', [...dilations]);
    const oracle = (a: ArrayLike<number>, b: ArrayLike<number>) =>
      naiveConv2d({ x: a, xShape: shape, kernel: b, kernelShape, dilation: [...dilations], padding: pad }).values;
    const inputs = [tf.tensor(x, shape), tf.tensor(kernel, kernelShape)] as const;
    const cotangent = randomValues(conv(...inputs).size, 3);
    const [dx, dKernel] = tf.grads(conv)([...inputs], tf.tensor(cotangent, conv(...inputs).shape));
    // <conv(x, k), u> is linear in x and in k, so a unit step along each axis gives its gradient exactly.
    const inner = (values: ArrayLike<number>) => cotangent.reduce((sum, u, i) => sum + u * values[i]!, 0);
    const unit = (size: number, i: number) => Float64Array.from({ length: size }, (_, j) => (i === j ? 1 : 0));
    await expect(dx!).toBeAllClose(
      tf.tensor(
        Array.from(x, (_, i) => inner(oracle(unit(x.length, i), kernel))),
        shape,
      ),
      { relative: 1e-4 },
    );
    await expect(dKernel!).toBeAllClose(
      tf.tensor(
        Array.from(kernel, (_, i) => inner(oracle(x, unit(kernel.length, i)))),
        kernelShape,
      ),
      { relative: 1e-4 },
    );
  });
});
