import { checkAdjoint, checkGradient, forEachBackend, naiveConv2d } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { random } from '../test-values.ts';
import { convolution, transposedConvolution } from './convolution.ts';
import type { Padding } from './geometry.ts';

type Pair = [number, number];
// Sizes, kernel, strides, dilation, padding: odd and even, windows that leave rows out, strides longer than the kernel.
const CASES: [Pair, Pair, Pair, Pair, Padding][] = [
  [[7, 6], [3, 3], [1, 1], [1, 1], 'same'],
  [[7, 6], [3, 2], [1, 1], [1, 1], 'valid'],
  [[7, 6], [3, 3], [2, 2], [1, 1], 'same'],
  [[8, 7], [3, 2], [3, 2], [1, 1], 'valid'],
  [[6, 9], [2, 2], [3, 3], [1, 1], 'valid'],
  [[6, 9], [2, 2], [3, 3], [1, 1], 'same'],
  [[7, 5], [1, 1], [2, 2], [1, 1], 'same'],
  [[5, 4], [1, 1], [1, 1], [1, 1], 'valid'],
  [[9, 8], [3, 3], [1, 1], [2, 2], 'same'],
  [[9, 8], [3, 2], [1, 1], [2, 3], 'valid'],
  [[4, 4], [4, 4], [1, 1], [1, 1], 'valid'],
  [[3, 2], [5, 3], [1, 1], [1, 1], 'same'],
];

/** Strides, dilation and padding. TensorFlow dilates no volumes on the processor. */
const VOLUMES: [Triple, Triple, Padding][] = [
  [[2, 2, 2], [1, 1, 1], 'same'],
  [[1, 1, 1], [2, 2, 2], 'valid'],
  [[1, 1, 1], [2, 1, 2], 'same'],
  [[1, 2, 3], [1, 1, 1], 'valid'],
];

forEachBackend((backend) => {
  describe.each(CASES)(
    'x %j, kernel %j, strides %j, dilation %j, %s',
    (sizes, kernelSizes, strides, dilation, padding) => {
      const options = { strides, dilation, padding, dataFormat: 'channelsLast' as const };
      const make = () => ({
        x: random([2, ...sizes, 3], 1),
        kernel: random([...kernelSizes, 3, 4], 2),
        bias: random([4], 3),
      });

      it('equals the definition', async () => {
        const { x, kernel, bias } = make();
        const y = convolution(x, kernel, options);
        const expected = naiveConv2d({
          x: await x.data(),
          xShape: [2, ...sizes, 3],
          kernel: await kernel.data(),
          kernelShape: [...kernelSizes, 3, 4],
          strides,
          dilation,
          padding,
        });
        expect(y.shape).toEqual(expected.shape);
        await expect(y).toBeAllClose(expected.values);
        const biases = await bias.data();
        const biased = convolution(x, kernel, { ...options, bias });
        await expect(biased).toBeAllClose(expected.values.map((value, i) => value + biases[i % 4]!));
      });

      it('pulls gradients back to input, kernel and bias', async () => {
        const { x, kernel, bias } = make();
        await checkAdjoint((value) => convolution(value, kernel, options), x);
        await checkAdjoint((value) => convolution(x, value, options), kernel);
        await checkGradient((value) => convolution(x, kernel, { ...options, bias: value }), [bias]);
      });
    },
  );

  it.each([
    [2, 'same', 3],
    [2, 'valid', 3],
    [3, 'valid', 2],
    [1, 'same', 3],
  ] as const)('transposes a convolution, stride %d, %s, kernel %d', async (stride, padding, size) => {
    const [x, kernel, bias] = [
      random<tf.Tensor4D>([2, 4, 3, 3], 1),
      random<tf.Tensor4D>([size, size, 5, 3], 2),
      random([5], 3),
    ];
    const options = { strides: [stride, stride], dilation: [1, 1], padding, dataFormat: 'channelsLast' } as const;
    const y = transposedConvolution(x, kernel, { ...options, strides: [stride, stride], dilation: [1, 1], bias });
    const expected = tf.add(
      tf.conv2dTranspose(x, kernel, y.shape as [number, number, number, number], stride, padding),
      bias,
    );
    await expect(y).toBeAllClose(expected);
    const run = (...[a, b, c]: tf.Tensor[]) =>
      transposedConvolution(a!, b!, { ...options, strides: [stride, stride], dilation: [1, 1], bias: c });
    await checkAdjoint((value) => run(value, kernel), x);
    await checkAdjoint((value) => run(x, value), kernel);
    await checkGradient((value) => run(x, kernel, value), [bias]);
  });

  it.each(VOLUMES.filter(([, [dilation]]) => dilation === 1 || backend !== 'tensorflow'))(
    'convolves volumes, strides %j, dilation %j, %s',
    async (strides, dilation, padding) => {
      const [x, kernel, bias] = [
        random<tf.Tensor5D>([2, 5, 6, 5, 2], 1),
        random<tf.Tensor5D>([2, 3, 2, 2, 3], 2),
        random([3], 3),
      ];
      const options = { strides, dilation, padding, dataFormat: 'channelsLast' as const };
      const y = convolution(x, kernel, options);
      const expected = await volumeByTaps(x, kernel, options, y.shape);
      await expect(y).toBeAllClose(expected);
      const biases = await bias.data();
      const biased = convolution(x, kernel, { ...options, bias });
      await expect(biased).toBeAllClose(expected.map((value, i) => value + biases[i % 3]!));
      await checkAdjoint((value) => convolution(value, kernel, options), x);
      await checkAdjoint((value) => convolution(x, value, options), kernel);
      await checkGradient((value) => convolution(x, kernel, { ...options, bias: value }), [bias]);
    },
  );
});

type Triple = [number, number, number];

interface Volume {
  strides: Triple;
  dilation: Triple;
  padding: Padding;
}

/** A 3D convolution as a sum over the kernel's depth of 2D ones, in float64. */
async function volumeByTaps(
  x: tf.Tensor5D,
  kernel: tf.Tensor5D,
  { strides, dilation, padding }: Volume,
  outShape: number[],
) {
  const [[batch, depth, height, width, channels], [kd, kh, kw, , out]] = [x.shape, kernel.shape];
  const [xs, ks] = [await x.data(), await kernel.data()];
  const [image, tap] = [height * width * channels, kh * kw * channels * out];
  const planes = outShape[1]!;
  const before =
    padding === 'same' ? Math.max(0, (planes - 1) * strides[0] + (kd - 1) * dilation[0] + 1 - depth) >> 1 : 0;
  const y = new Float64Array(outShape.reduce((a, b) => a * b, 1));
  const plane = y.length / batch / planes;
  for (let b = 0; b < batch; b++)
    for (let o = 0; o < planes; o++)
      for (let k = 0; k < kd; k++) {
        const z = o * strides[0] + k * dilation[0] - before;
        if (z < 0 || z >= depth) continue;
        const { values } = naiveConv2d({
          x: xs.subarray((b * depth + z) * image, (b * depth + z + 1) * image),
          xShape: [1, height, width, channels],
          kernel: ks.subarray(k * tap, (k + 1) * tap),
          kernelShape: [kh, kw, channels, out],
          strides: [strides[1], strides[2]],
          dilation: [dilation[1], dilation[2]],
          padding,
        });
        values.forEach((value, i) => {
          y[(b * planes + o) * plane + i]! += value;
        });
      }
  return y;
}
