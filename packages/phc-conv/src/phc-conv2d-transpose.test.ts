import { checkGradient, expectNamedError, expectNoLeak, forEachBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { kroneckerKernel, PhcConvError, phcConv2d, phcConv2dTranspose } from './index.ts';
import { random } from './test-values.ts';

const make = (n: number) => ({
  x: random<tf.Tensor4D>([2, 4, 3, 2 * n], 1),
  rule: random<tf.Tensor3D>([n, n, n], 2),
  filters: random<tf.Tensor5D>([n, 3, 2, 1, 2], 3),
  bias: random<tf.Tensor1D>([n], 4),
});

forEachBackend(() => {
  it.each([
    [2, 2, 'same', [2, 8, 6, 2]],
    [3, 2, 'valid', [2, 9, 6, 3]],
    [1, 1, 'valid', [2, 6, 4, 1]],
  ] as const)(
    'n = %d, stride %d, %s, transposes by the built kernel, and trains',
    async (n, strides, padding, shape) => {
      const { x, rule, filters, bias } = make(n);
      // Filters with outputs first, by the algebra that reads its blocks the other way round.
      const kernel = kroneckerKernel(tf.transpose(rule, [0, 2, 1]), filters) as tf.Tensor4D;
      const expected = tf.add(tf.conv2dTranspose(x, kernel, [...shape], strides, padding), bias);
      const run = (...[a, b, c, d]: tf.Tensor[]) =>
        phcConv2dTranspose(a as tf.Tensor4D, b!, c as tf.Tensor5D, { strides, padding, bias: d });
      await expect(run(x, rule, filters, bias)).toBeAllClose(expected);
      await checkGradient(run, [x, rule, filters, bias]);
    },
  );

  it('is the adjoint of phcConv2d under the transposed algebra', async () => {
    const { x, rule, filters } = make(2);
    const options = { strides: 2, padding: 'same' } as const;
    const big = random<tf.Tensor4D>([2, 8, 6, 2], 5);
    const conv = (value: tf.Tensor) => phcConv2d(value as tf.Tensor4D, tf.transpose(rule, [0, 2, 1]), filters, options);
    await expect(tf.grad(conv)(big, x)).toBeAllClose(phcConv2dTranspose(x, rule, filters, options));
  });

  it('multiplies in the order of phcConv2d', async () => {
    const [x, rule, filters] = [
      random<tf.Tensor4D>([2, 4, 4, 6], 1),
      random([2, 2, 2], 2),
      random<tf.Tensor5D>([2, 1, 1, 3, 2], 3),
    ];
    const swapped = tf.transpose(filters, [0, 1, 2, 4, 3]);
    await expect(phcConv2dTranspose(x, rule, swapped)).toBeAllClose(phcConv2d(x, rule, filters));
  });

  it('takes channels first', async () => {
    const { x, rule, filters, bias } = make(2);
    const first = tf.transpose(x, [0, 3, 1, 2]);
    const run = (value: tf.Tensor) =>
      phcConv2dTranspose(value as tf.Tensor4D, rule, filters, { strides: 2, bias, dataFormat: 'channelsFirst' });
    await expect(tf.transpose(run(first), [0, 2, 3, 1])).toBeAllClose(
      phcConv2dTranspose(x, rule, filters, { strides: 2, bias }),
    );
    await checkGradient(run, [first]);
  });

  it('leaves no tensor behind', () => {
    const { x, rule, filters } = make(2);
    expectNoLeak(() =>
      tf.grads((a, f) => phcConv2dTranspose(x, a!, f as tf.Tensor5D, { strides: 2 }))([rule, filters]),
    );
  });
});

it('refuses channels that do not fit', async () => {
  const { rule, filters } = make(2);
  await expectNamedError(
    () => phcConv2dTranspose(tf.zeros([1, 4, 4, 5]), rule, filters),
    PhcConvError,
    'phc-conv.phcConv2dTranspose: input channels must be a multiple of n = 2 (nearest: 4 and 6), got 5',
  );
});

it('refuses dilation, which it has not', async () => {
  const { x, rule, filters } = make(2);
  const options = { dilation: 2 } as object;
  await expectNamedError(
    () => phcConv2dTranspose(x, rule, filters, options),
    PhcConvError,
    'phc-conv.phcConv2dTranspose: dilation must be 1, got 2',
  );
});
