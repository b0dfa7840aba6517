// Convolutions that are met, and those at the edge of what kernels can: for the packages that have kernels of their own for them.
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { type BackendName, openTestBackend } from '../backends.ts';
import { checkAdjoint } from '../gradients.ts';
import { naiveConv2d } from '../oracles/conv2d.ts';
import { parityOn, random } from '../parity.ts';
import { randomTensor } from '../random.ts';

type Pad = 'same' | 'valid' | number | [[number, number], [number, number], [number, number], [number, number]];

const explicit: Pad = [
  [0, 0],
  [1, 2],
  [0, 1],
  [0, 0],
];

export interface ConvCase {
  x: number[];
  filter: number[];
  strides?: number | [number, number];
  pad?: Pad;
}

/** By what is special about each. */
export const CONVOLUTIONS: Readonly<Record<string, ConvCase>> = {
  '3x3 of fours': { x: [2, 8, 8, 4], filter: [3, 3, 4, 8] },
  '3x3, odd': { x: [2, 7, 5, 3], filter: [3, 3, 3, 5] },
  'more than a tile': { x: [3, 9, 8, 12], filter: [3, 3, 12, 68] },
  'more than a tile, odd': { x: [1, 11, 13, 9], filter: [3, 3, 9, 67] },
  'many pixels and channels, odd': { x: [3, 20, 17, 13], filter: [3, 3, 13, 18] },
  'many small images': { x: [9, 4, 4, 12], filter: [3, 3, 12, 20] },
  valid: { x: [3, 9, 7, 6], filter: [3, 2, 6, 7], pad: 'valid' },
  'one image, one channel': { x: [1, 6, 6, 1], filter: [3, 3, 1, 1] },
  '7x7, stride 2': { x: [2, 14, 14, 3], filter: [7, 7, 3, 16], strides: 2 },
  '3x3, stride 2': { x: [2, 8, 8, 8], filter: [3, 3, 8, 16], strides: 2 },
  '3x3, stride 2, odd': { x: [2, 7, 9, 4], filter: [3, 3, 4, 8], strides: 2 },
  '3x3, stride 2, odd channels': { x: [2, 8, 8, 5], filter: [3, 3, 5, 9], strides: 2 },
  'stride 2, a row left over': { x: [1, 8, 8, 3], filter: [3, 3, 3, 4], strides: 2, pad: 'valid' },
  'stride 3': { x: [2, 10, 11, 5], filter: [3, 3, 5, 6], strides: 3 },
  'pixels that nothing reads': { x: [1, 9, 9, 2], filter: [2, 2, 2, 3], strides: 3, pad: 'valid' },
  'strides that differ': { x: [2, 9, 8, 3], filter: [3, 5, 3, 4], strides: [1, 2] },
  'taps of whole steps': { x: [1, 5, 6, 32], filter: [3, 3, 32, 32] },
  'taps of whole steps, stride 2': { x: [2, 5, 6, 32], filter: [3, 2, 32, 64], strides: 2 },
  '1x1': { x: [2, 5, 6, 7], filter: [1, 1, 7, 9] },
  '1x1 of fours': { x: [2, 5, 6, 8], filter: [1, 1, 8, 12] },
  '1x1, stride 2': { x: [2, 6, 5, 8], filter: [1, 1, 8, 4], strides: 2 },
  'filter shorter than its stride': { x: [2, 7, 8, 3], filter: [1, 2, 3, 4], strides: 2 },
  'filter shorter than its stride on both sides': { x: [1, 8, 8, 4], filter: [2, 2, 4, 5], strides: 3 },
  'filter larger than the map': { x: [2, 3, 2, 4], filter: [5, 7, 4, 3] },
  'filter larger than the map, stride 2': { x: [1, 3, 3, 2], filter: [7, 7, 2, 2], strides: 2 },
  'padding of 2': { x: [2, 6, 6, 3], filter: [3, 3, 3, 4], pad: 2 },
  'more padding than the filter reaches': { x: [1, 4, 4, 2], filter: [1, 1, 2, 3], pad: 2 },
  'explicit padding': { x: [2, 6, 6, 3], filter: [3, 3, 3, 4], pad: explicit },
  'explicit padding, stride 2': { x: [2, 7, 6, 4], filter: [3, 3, 4, 4], strides: 2, pad: explicit },
};

export const convolution =
  ({ strides = 1, pad = 'same' }: ConvCase) =>
  (x: tf.Tensor, filter: tf.Tensor): tf.Tensor =>
    tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, strides, pad as 'same');

type Shape4D = [number, number, number, number];

/** What TF.js refuses to differentiate, or differentiates as if it were another convolution. A convolution is linear in both. */
export function testGradientsThatTfjsLacks(backend: BackendName): void {
  const adjointsOf = async (conv: (x: tf.Tensor, filter: tf.Tensor) => tf.Tensor, x: tf.Tensor, filter: tf.Tensor) => {
    await checkAdjoint((v) => conv(v, filter), x);
    await checkAdjoint((f) => conv(x, f), filter);
  };

  describe('dilation', () => {
    it.each([
      ['same', [2, 3], 4],
      ['valid', [2, 2], 3],
      ['same', [1, 3], 4],
    ] as const)('%s, %j, %d channels', async (padding, [rows, columns], channels) => {
      await openTestBackend(backend);
      const [xShape, kernelShape]: Shape4D[] = [
        [2, 9, 8, channels],
        [3, 2, channels, 5],
      ];
      const [x, kernel] = [randomTensor(xShape!, 1), randomTensor(kernelShape!, 2)];
      const dilation: [number, number] = [rows, columns];
      const conv = (v: tf.Tensor, f: tf.Tensor) =>
        tf.conv2d(v as tf.Tensor4D, f as tf.Tensor4D, 1, padding, 'NHWC', dilation);
      const shapes = { xShape: xShape!, kernelShape: kernelShape! };
      const oracle = naiveConv2d({ x: await x.data(), kernel: await kernel.data(), ...shapes, dilation, padding });
      const y = conv(x, kernel);
      expect(y.shape).toEqual(oracle.shape);
      await expect(y).toBeAllClose(oracle.values);
      await adjointsOf(conv, x, kernel);
    });
  });

  describe('sizes that are not rounded down', () => {
    it.each([
      ['ceil', 3, 2, 0],
      ['ceil', 3, 2, 1],
      ['round', 2, 3, 0],
      ['round', 3, 4, 1],
    ] as const)('%s, filters of %d, strides of %d, padding of %d', async (dimRoundingMode, size, strides, pad) => {
      const conv = (v: tf.Tensor, f: tf.Tensor) =>
        tf.conv2d(v as tf.Tensor4D, f as tf.Tensor4D, strides, pad, 'NHWC', 1, dimRoundingMode);
      const fused = (v: tf.Tensor, f: tf.Tensor) =>
        tf.fused.conv2d({ x: v as tf.Tensor4D, filter: f as tf.Tensor4D, strides, pad, dimRoundingMode });
      const inputs = [random([2, 8, 7, 4]), random([size, size, 4, 5], 2)];
      await parityOn(backend)(inputs, (v, f) => conv(v!, f!));
      const [x, filter] = inputs.map(({ values, shape }) => tf.tensor(values, shape)) as [tf.Tensor, tf.Tensor];
      await adjointsOf(conv, x, filter);
      await adjointsOf(fused, x, filter);
      // While another tape is open, gradients are TF.js's own.
      const gradients = () => tf.grads(conv)([x, filter], conv(x, filter));
      let within: tf.Tensor[] = [];
      tf.grad((one) => {
        within = gradients().map((gradient) => tf.keep(gradient));
        return tf.square(one);
      })(tf.scalar(1));
      for (const [i, gradient] of gradients().entries()) await expect(within[i]!).toBeAllClose(gradient);
    });
  });
}
