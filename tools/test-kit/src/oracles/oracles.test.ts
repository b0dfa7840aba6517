import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { forEachBackend, naiveConv2d, naiveDft, naiveDftAlongAxis, randomValues } from '../index.ts';

it('transforms a known signal', async () => {
  const { real, imag } = naiveDft({ real: Float64Array.of(1, 2, 3, 4), imag: new Float64Array(4) });
  await expect(real).toBeAllClose([10, -2, -2, -2], { relative: 1e-15 });
  await expect(imag).toBeAllClose([0, 2, 0, -2], { relative: 1e-15 });
});

it('inverts itself along any axis', async () => {
  const shape = [2, 3, 5];
  const x = { real: Float64Array.from(randomValues(30, 1)), imag: Float64Array.from(randomValues(30, 2)) };
  for (const axis of [0, 1, 2]) {
    const back = naiveDftAlongAxis(naiveDftAlongAxis(x, shape, axis), shape, axis, true);
    await expect(back.real.map((v) => v / shape[axis]!)).toBeAllClose(x.real, { relative: 1e-14 });
    await expect(back.imag.map((v) => v / shape[axis]!)).toBeAllClose(x.imag, { relative: 1e-14 });
  }
});

forEachBackend(() => {
  it.each([
    ['same', 1, 1],
    ['same', 2, 1],
    ['valid', 2, 1],
    ['same', 1, 2],
  ] as const)('agrees with tf.conv2d, %s, stride %d, dilation %d', async (padding, stride, dilation) => {
    const [x, kernel] = [randomValues(2 * 7 * 6 * 3, 1), randomValues(3 * 2 * 3 * 4, 2)];
    const expected = naiveConv2d({
      x,
      xShape: [2, 7, 6, 3],
      kernel,
      kernelShape: [3, 2, 3, 4],
      strides: [stride, stride],
      dilation: [dilation, dilation],
      padding,
    });
    const actual = tf.conv2d(
      tf.tensor4d(x, [2, 7, 6, 3]),
      tf.tensor4d(kernel, [3, 2, 3, 4]),
      stride,
      padding,
      'NHWC',
      dilation,
    );
    expect(actual.shape).toEqual(expected.shape);
    await expect(actual).toBeAllClose(expected.values);
  });
});
