import {
  checkGradient,
  expectNamedError,
  expectNoLeak,
  forEachBackend,
  naiveConv2d,
  randomValues,
} from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { FftOpsError } from './errors.ts';
import { spectralConv2d } from './spectral-conv2d.ts';

type Shape4 = [number, number, number, number];

const CASES: [xShape: Shape4, kernelShape: Shape4][] = [
  [
    [2, 8, 8, 3],
    [3, 3, 3, 4],
  ],
  [
    [1, 7, 10, 2],
    [2, 5, 2, 1],
  ],
  [
    [1, 9, 6, 1],
    [4, 1, 1, 3],
  ],
  [
    [2, 5, 6, 2],
    [5, 6, 2, 2],
  ],
  [
    [1, 12, 11, 1],
    [1, 1, 1, 1],
  ],
  [
    [1, 1, 1, 2],
    [1, 1, 2, 2],
  ],
];

forEachBackend(() => {
  it.each(CASES.flatMap((shapes) => (['same', 'valid'] as const).map((padding) => [...shapes, padding] as const)))(
    'equals the definition and tf.conv2d: %j with kernel %j, %s',
    async (xShape, kernelShape, padding) => {
      const x = randomValues(tf.util.sizeFromShape(xShape), 1);
      const kernel = randomValues(tf.util.sizeFromShape(kernelShape), 2);
      const expected = naiveConv2d({ x, xShape, kernel, kernelShape, padding });
      const [image, filter] = [tf.tensor4d(x, xShape), tf.tensor4d(kernel, kernelShape)];
      const actual = spectralConv2d(image, filter, { padding });
      expect(actual.shape).toEqual(expected.shape);
      await expect(actual).toBeAllClose(expected.values, { relative: 3e-6 });
      await expect(actual).toBeAllClose(tf.conv2d(image, filter, 1, padding), { relative: 3e-6 });
    },
  );

  it.each(['same', 'valid'] as const)('has the gradients of tf.conv2d, %s', async (padding) => {
    const x = tf.tensor4d(randomValues(2 * 6 * 5 * 2, 1), [2, 6, 5, 2]);
    const kernel = tf.tensor4d(randomValues(3 * 2 * 2 * 3, 2), [3, 2, 2, 3]);
    const convolve = (image: tf.Tensor, filter: tf.Tensor) =>
      spectralConv2d(image as tf.Tensor4D, filter as tf.Tensor4D, { padding });
    await checkGradient(convolve as never, [x, kernel]);
    // wasm has no gradient of tf.conv2d to compare with: there the check above has to do.
    if (tf.getBackend() === 'wasm') return;
    const dy = tf.tensor(randomValues(convolve(x, kernel).size, 3), convolve(x, kernel).shape);
    const [dx, dKernel] = tf.grads(convolve as never)([x, kernel], dy);
    const stock = (image: tf.Tensor, filter: tf.Tensor) =>
      tf.conv2d(image as tf.Tensor4D, filter as tf.Tensor4D, 1, padding);
    const [expectedDx, expectedDKernel] = tf.grads(stock as never)([x, kernel], dy);
    await expect(dx!).toBeAllClose(expectedDx!, { relative: 5e-6 });
    await expect(dKernel!).toBeAllClose(expectedDKernel!, { relative: 5e-6 });
  });

  it('keeps nothing but its result', () => {
    const x = tf.ones<tf.Rank.R4>([1, 4, 4, 1]);
    const kernel = tf.ones<tf.Rank.R4>([3, 3, 1, 1]);
    expectNoLeak(() => spectralConv2d(x, kernel));
    expectNoLeak(() => tf.grads((a, b) => spectralConv2d(a as tf.Tensor4D, b as tf.Tensor4D))([x, kernel]));
  });
});

describe('a call that cannot be', () => {
  const x = () => tf.ones<tf.Rank.R4>([1, 4, 5, 2]);
  const kernel = (...shape: number[]) => tf.ones<tf.Rank.R4>(shape as Shape4);
  it.each<[string, () => unknown, string]>([
    [
      'rank',
      () => spectralConv2d(tf.ones([4, 5, 2]) as never, kernel(3, 3, 2, 1)),
      'fft-ops.spectralConv2d: x must be (batch, height, width, channels), got [4, 5, 2]',
    ],
    [
      'kernel rank',
      () => spectralConv2d(x(), kernel(3, 3, 2)),
      'fft-ops.spectralConv2d: kernel must be (height, width, in, out), got [3, 3, 2]',
    ],
    [
      'channels',
      () => spectralConv2d(x(), kernel(3, 3, 3, 1)),
      'fft-ops.spectralConv2d: x and kernel must agree in channels in, got [2, 3]',
    ],
    [
      'size',
      () => spectralConv2d(x(), kernel(5, 5, 2, 1)),
      'fft-ops.spectralConv2d: kernel must not be larger than x, [4, 5], got [5, 5]',
    ],
    [
      'padding',
      () => spectralConv2d(x(), kernel(3, 3, 2, 1), { padding: 'full' as never }),
      "fft-ops.spectralConv2d: padding must be 'same' or 'valid', got 'full'",
    ],
    [
      'options',
      () => spectralConv2d(x(), kernel(3, 3, 2, 1), 'valid' as never),
      "fft-ops.spectralConv2d: options must be some of {padding}, got 'valid'",
    ],
    [
      'options',
      () => spectralConv2d(x(), kernel(3, 3, 2, 1), { strides: 2 } as never),
      'fft-ops.spectralConv2d: options must be some of {padding}, got {strides: 2}',
    ],
    [
      'nothing',
      () => spectralConv2d(tf.ones([0, 4, 5, 2]) as never, kernel(3, 3, 2, 1)),
      'fft-ops.spectralConv2d: x and kernel must not be empty, got [[0, 4, 5, 2], [3, 3, 2, 1]]',
    ],
    [
      'dtype',
      () => spectralConv2d(x(), tf.tensor(['a', 'b'], [1, 1, 2, 1]) as never),
      "fft-ops.spectralConv2d: kernel must be float32, int32 or bool, got 'string'",
    ],
  ])('is refused by a named error: %s', async (_, call, message) => {
    await expectNamedError(call, FftOpsError, message);
  });
});
