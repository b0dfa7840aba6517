import {
  checkAdjoint,
  checkGradient,
  expectNamedError,
  expectNoLeak,
  forEachBackend,
  goldenCases,
  goldenTensor,
} from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { algebra, kroneckerKernel, PhcConvError, phcConv2d } from './index.ts';
import { random } from './test-values.ts';

const make = (n: number) => ({
  x: random<tf.Tensor4D>([2, 7, 6, 2 * n], 1),
  rule: random<tf.Tensor3D>([n, n, n], 2),
  filters: random<tf.Tensor5D>([n, 3, 3, 2, 1], 3),
  bias: random<tf.Tensor1D>([n], 4),
});

forEachBackend(() => {
  it.each(goldenCases('phc-conv'))('equals golden case %#, forward and backward', async (golden) => {
    const [x, rule, filters, bias, dy] = ['x', 'algebra', 'filters', 'bias', 'dy'].map((name) =>
      goldenTensor(golden[name]),
    );
    const run = (a: tf.Tensor, f: tf.Tensor) =>
      phcConv2d(x as tf.Tensor4D, a, f as tf.Tensor5D, { strides: golden.strides, padding: 'same', bias });
    await expect(run(rule!, filters!)).toBeAllClose(goldenTensor(golden.y), { relative: 2e-5 });
    const [dAlgebra, dFilters] = tf.grads(run)([rule!, filters!], dy);
    await expect(dAlgebra!).toBeAllClose(goldenTensor(golden.dalgebra), { relative: 2e-5 });
    await expect(dFilters!).toBeAllClose(goldenTensor(golden.dfilters), { relative: 2e-5 });
  });

  it.each([
    [1, { padding: 'same' }],
    [2, { strides: 2, padding: 'same' }],
    [3, { strides: [2, 1] }],
    [4, { dilation: 2, padding: 'same' }],
    [5, { dilation: [1, 2] }],
  ] as const)('n = %d with %j convolves by the built kernel, and trains', async (n, { ...options }) => {
    const { x, rule, filters, bias } = make(n);
    const all = { ...options, bias } as Parameters<typeof phcConv2d>[3];
    const {
      strides = 1,
      padding = 'valid',
      dilation = 1,
    } = options as { strides?: number; padding?: 'same'; dilation?: number };
    const kernel = kroneckerKernel(rule, filters) as tf.Tensor4D;
    const expected = tf.add(tf.conv2d(x, kernel, strides, padding, 'NHWC', dilation), bias);
    await expect(phcConv2d(x, rule, filters, all)).toBeAllClose(expected);
    await checkGradient(
      (...[a, b, c, d]: tf.Tensor[]) => phcConv2d(a as tf.Tensor4D, b!, c as tf.Tensor5D, { ...all, bias: d }),
      [x, rule, filters, bias],
    );
  });

  it('takes channels first', async () => {
    const { x, rule, filters, bias } = make(2);
    const options = { strides: 2, padding: 'same', bias } as const;
    const first = tf.transpose(x, [0, 3, 1, 2]);
    const run = (value: tf.Tensor) =>
      phcConv2d(value as tf.Tensor4D, rule, filters, { ...options, dataFormat: 'channelsFirst' });
    const y = run(first);
    expect(y.shape).toEqual([2, 2, 4, 3]);
    await expect(tf.transpose(y, [0, 2, 3, 1])).toBeAllClose(phcConv2d(x, rule, filters, options));
    await checkAdjoint((value) => tf.sub(run(value), run(tf.zerosLike(value))), first);
    await checkGradient(
      (value) => phcConv2d(first, rule, value as tf.Tensor5D, { dataFormat: 'channelsFirst' }),
      [filters],
    );
  });

  it("is a quaternion convolution with Hamilton's rule", async () => {
    const [x, filters] = [random<tf.Tensor4D>([1, 5, 5, 8], 1), random<tf.Tensor5D>([4, 3, 3, 2, 3], 2)];
    const [xr, xi, xj, xk] = tf.split(x, 4, 3) as tf.Tensor4D[];
    const [r, i, j, k] = tf.unstack(filters) as tf.Tensor4D[];
    const conv = (a: tf.Tensor4D | undefined, w: tf.Tensor4D | undefined) => tf.conv2d(a!, w!, 1, 'same');
    const sum = (...terms: tf.Tensor[]) => tf.addN(terms);
    const y = tf.concat(
      [
        sum(conv(xr, r), tf.neg(conv(xi, i)), tf.neg(conv(xj, j)), tf.neg(conv(xk, k))),
        sum(conv(xi, r), conv(xr, i), conv(xk, j), tf.neg(conv(xj, k))),
        sum(conv(xj, r), tf.neg(conv(xk, i)), conv(xr, j), conv(xi, k)),
        sum(conv(xk, r), conv(xj, i), tf.neg(conv(xi, j)), conv(xr, k)),
      ],
      3,
    );
    await expect(phcConv2d(x, algebra('quaternion', 4), filters, { padding: 'same' })).toBeAllClose(y);
  });

  it('is a complex convolution with the complex rule', async () => {
    const [x, filters] = [random<tf.Tensor4D>([1, 5, 5, 4], 1), random<tf.Tensor5D>([2, 3, 3, 2, 3], 2)];
    const [re, im] = tf.split(x, 2, 3) as [tf.Tensor4D, tf.Tensor4D];
    const [wRe, wIm] = tf.unstack(filters) as [tf.Tensor4D, tf.Tensor4D];
    const conv = (a: tf.Tensor4D, w: tf.Tensor4D) => tf.conv2d(a, w, 1, 'same');
    const y = tf.concat([tf.sub(conv(re, wRe), conv(im, wIm)), tf.add(conv(re, wIm), conv(im, wRe))], 3);
    await expect(phcConv2d(x, algebra('complex', 2), filters, { padding: 'same' })).toBeAllClose(y);
  });

  it('leaves no tensor behind', () => {
    const { x, rule, filters, bias } = make(2);
    for (const dilation of [1, 2]) {
      expectNoLeak(() => phcConv2d(x, rule, filters, { bias, dilation }));
      const run = (...[a, b, c, d]: tf.Tensor[]) =>
        phcConv2d(a as tf.Tensor4D, b!, c as tf.Tensor5D, { bias: d, dilation });
      expectNoLeak(() => tf.grads(run)([x, rule, filters, bias]));
    }
  });
});

describe('refuses', () => {
  const [n, taps] = [4, [3, 3]];
  const refusal = (options: object, x = [1, 5, 5, 8], filters = [n, ...taps, 2, 1], rule = [n, n, n]) => {
    const tensors = [x, rule, filters].map((shape) => tf.zeros(shape)) as [tf.Tensor, tf.Tensor, tf.Tensor];
    return () => phcConv2d(tensors[0] as tf.Tensor4D, tensors[1], tensors[2] as tf.Tensor5D, options);
  };
  it.each([
    ['x must have rank 4, got [5, 5, 8]', refusal({}, [5, 5, 8])],
    ['input channels must be a multiple of n = 4 (nearest: 8 and 12), got 10', refusal({}, [1, 5, 5, 10])],
    ['input channels must be a multiple of n = 4 (nearest: 4), got 3', refusal({}, [1, 5, 5, 3])],
    ['x must have 8 channels, as the filters do, got 12', refusal({}, [1, 5, 5, 12])],
    [
      'filters must have shape (n, height, width, in / n, out / n) with n = 4 of the algebra, got [4, 3, 2, 1]',
      refusal({}, undefined, [4, 3, 2, 1]),
    ],
    ['algebra must have shape (n, n, n) with n >= 1, got [4, 4]', refusal({}, undefined, undefined, [4, 4])],
    ['options must be some of {strides, padding, dilation, bias, dataFormat}, got 2', refusal(2 as never)],
    [
      'options must be some of {strides, padding, dilation, bias, dataFormat}, got {dilations: 2}',
      refusal({ dilations: 2 }),
    ],
    ['strides must be one integer or 2 >= 1, got 0', refusal({ strides: 0 })],
    ['strides must be one integer or 2 >= 1, got [1, 2, 3]', refusal({ strides: [1, 2, 3] })],
    ['dilation must be one integer or 2 >= 1, got 1.5', refusal({ dilation: 1.5 })],
    ['strides or dilation must be 1, got {strides: [2, 2], dilation: [2, 2]}', refusal({ strides: 2, dilation: 2 })],
    ["padding must be 'same' or 'valid', got 'causal'", refusal({ padding: 'causal' })],
    ["dataFormat must be 'channelsLast' or 'channelsFirst', got 'NHWC'", refusal({ dataFormat: 'NHWC' })],
    ['bias must have shape (4), got [3]', refusal({ bias: tf.zeros([3]) })],
    ["bias must be float32, got 'int32'", refusal({ bias: tf.zeros([4], 'int32') })],
    ["x must reach across the kernel's 3 x 3 taps, got [1, 2, 5, 8]", refusal({}, [1, 2, 5, 8])],
  ])('%s', async (message, action) => {
    const kept = tf.memory().numTensors;
    await expectNamedError(action, PhcConvError, `phc-conv.phcConv2d: ${message}`);
    expect(tf.memory().numTensors).toBe(kept);
  });

  const disposed = () => {
    const gone = tf.zeros<tf.Rank.R4>([1, 5, 5, 4]);
    gone.dispose();
    return gone;
  };
  it.each<[string, () => unknown, unknown, unknown]>([
    ['x must not be disposed, got [1, 5, 5, 4]', disposed, undefined, undefined],
    ["x must be float32, got 'int32'", () => tf.ones([1, 5, 5, 4], 'int32'), undefined, undefined],
    ['x must be a tensor, got [1, 2]', () => [1, 2], undefined, undefined],
    ['algebra must be a tensor, got null', () => null, null, undefined],
    ['filters must be a tensor, got 3', () => null, undefined, 3],
  ])('%s', async (message, x, rule = tf.zeros([2, 2, 2]), filters = tf.zeros([2, 3, 3, 2, 1])) => {
    await expectNamedError(
      () => phcConv2d(x() as tf.Tensor4D, rule as tf.Tensor, filters as tf.Tensor5D),
      PhcConvError,
      `phc-conv.phcConv2d: ${message}`,
    );
  });
});
