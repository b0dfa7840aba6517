import {
  checkGradient,
  expectNamedError,
  expectNoLeak,
  forEachBackend,
  randomValues,
  relativeL2Error,
} from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { FftOpsError } from './errors.ts';
import { fft, ifft } from './fft.ts';
import { numpyArray, numpyFftn } from './numpy-oracle.ts';
import { ACCURATE_LENGTHS, bothParts, errorOf, randomPair } from './test-tools.ts';
import type { AxisOptions } from './types.ts';

forEachBackend(() => {
  describe.each([
    ['fft', fft, false],
    ['ifft', ifft, true],
  ] as const)('%s', (_, transform, inverse) => {
    it.each(ACCURATE_LENGTHS)('is accurate at length %d', async (n) => {
      const x = randomPair([n], n);
      const expected = numpyFftn(x.array, {}, inverse);
      expect(await errorOf(transform(x.pair), expected)).toBeLessThanOrEqual(n === 4093 ? 5e-6 : 2e-6);
    });

    it.each<[number[], AxisOptions]>([
      [[3, 4, 5], { axis: 0 }],
      [[3, 4, 5], { axis: 1 }],
      [[3, 4, 5], { axis: -1 }],
      [[3, 4, 5], { axis: -3, norm: 'ortho' }],
      [[2, 7, 2], { axis: 1, norm: 'forward' }],
      [[2, 7, 2], { axis: 1, n: 4 }],
      [[2, 7, 2], { axis: 1, n: 12, norm: 'ortho' }],
      [[2, 200, 2], { axis: 1, n: 128 }],
      [[2, 100, 2], { axis: 1, n: 256 }],
      [[1, 700], { n: 691 }],
      [[1, 500], { n: 691 }],
      [[2, 1], {}],
      [[2, 1], { n: 3 }],
      [[1, 1, 2, 1, 3], { axis: 2 }],
    ])('of shape %j agrees with numpy, %j', async (shape, options) => {
      const x = randomPair(shape, 3);
      const { n, axis = -1, norm } = options;
      const expected = numpyFftn(x.array, { axes: [axis], s: n ? [n] : undefined, norm }, inverse);
      const actual = transform(x.pair, options);
      expect(actual.real.shape).toEqual(expected.shape);
      expect(await errorOf(actual, expected)).toBeLessThanOrEqual(2e-6);
    });

    it('does not look at what n crops', async () => {
      const { pair, array } = randomPair([2, 3, 2], 5);
      const spoilt = (x: tf.Tensor) => tf.concat([x, tf.fill([2, 1, 2], Number.NaN)], 1);
      const actual = transform({ real: spoilt(pair.real), imag: spoilt(pair.imag) }, { axis: 1, n: 3 });
      expect(await errorOf(actual, numpyFftn(array, { axes: [1] }, inverse))).toBeLessThanOrEqual(1e-6);
    });

    it('takes real tensors of each dtype', async () => {
      const values = [3, 0, -1, 2, 0, 1];
      for (const dtype of ['float32', 'int32', 'bool'] as const) {
        const x = tf.tensor1d(values, 'float32').cast(dtype);
        const expected = numpyFftn(numpyArray(await x.data(), [6]), {}, inverse);
        const actual = transform(x);
        expect(actual.real.dtype).toBe('float32');
        expect(await errorOf(actual, expected)).toBeLessThanOrEqual(1e-6);
      }
    });

    it.each([5, 8, 150])('has first and second derivatives at length %d', async (n) => {
      const [re, im] = [tf.tensor2d(randomValues(2 * n, 1), [2, n]), tf.tensor2d(randomValues(2 * n, 2), [2, n])];
      const f = (real: tf.Tensor, imag: tf.Tensor) => bothParts(transform({ real, imag }, { norm: 'ortho' }));
      await checkGradient(f as never, [re, im]);
      const g = (real: tf.Tensor) => bothParts(transform(real, { n: n + 2, norm: 'ortho' }));
      await checkGradient(g, [re]);
      const cubed = tf.grad((x: tf.Tensor) => g(x).pow(3).mean());
      await checkGradient(cubed, [re], { step: 1e-2, tolerance: 2e-2 });
    });

    it.each([[[0, 4]], [[3, 0, 4]], [[0, 4, 2]]])('of shape %j, which holds nothing, is nothing', (shape) => {
      const axis = shape.indexOf(4);
      const x = tf.zeros(shape);
      expect(transform(x, { axis }).real.shape).toEqual(shape);
      expect(transform(x, { axis, n: 3 }).imag.shape).toEqual(shape.with(axis, 3));
      expect(tf.grad((v: tf.Tensor) => transform(v, { axis }).real)(x).shape).toEqual(shape);
    });

    it('fills an empty axis with zeros', async () => {
      await expect(transform(tf.zeros([2, 0]), { n: 3 }).real).toBeAllClose(tf.zeros([2, 3]));
      expect(tf.grad((v: tf.Tensor) => transform(v, { n: 3 }).real)(tf.zeros([2, 0])).shape).toEqual([2, 0]);
    });

    it.each([0, 2, 5])('has a gradient at rank 6, axis %d', async (axis) => {
      const x = tf.tensor(randomValues(96, 1), [2, 2, 2, 2, 2, 3]);
      // Of both parts, so that two gradients meet. An orthonormal transform keeps sum |x|^2, of which 2 x is the gradient.
      const energy = (v: tf.Tensor) => {
        const { real, imag } = transform(v, { axis, norm: 'ortho' });
        const flat = (part: tf.Tensor) => tf.sum(tf.square(tf.reshape(part, [-1])));
        return tf.add(flat(real), flat(imag));
      };
      await expect(tf.grad(energy)(x)).toBeAllClose(tf.mul(tf.reshape(x, [-1]), 2).reshape(x.shape), {
        relative: 2e-6,
      });
    });

    it('keeps nothing but its result', () => {
      const x = randomPair([2, 3, 4], 1).pair;
      expectNoLeak(() => transform(x, { axis: 1, n: 5 }));
      const gradient = tf.grad((real: tf.Tensor) => bothParts(transform(real, { axis: 1 })));
      expectNoLeak(() => gradient(x.real));
    });
  });

  it('undoes itself', async () => {
    const { pair } = randomPair([3, 210], 9);
    for (const norm of ['backward', 'ortho', 'forward'] as const) {
      const back = ifft(fft(pair, { norm }), { norm });
      expect(relativeL2Error(await back.real.data(), await pair.real.data())).toBeLessThanOrEqual(2e-6);
      expect(relativeL2Error(await back.imag.data(), await pair.imag.data())).toBeLessThanOrEqual(2e-6);
    }
  });
});

describe('a call that cannot be', () => {
  const x = () => tf.ones([2, 3]);
  it.each<[string, () => unknown, string]>([
    ['axis', () => fft(x(), { axis: 2 }), 'fft-ops.fft: every axis must be an integer in [-2, 2), got 2'],
    ['axis', () => ifft(x(), { axis: 0.5 }), 'fft-ops.ifft: every axis must be an integer in [-2, 2), got 0.5'],
    ['n', () => fft(x(), { n: 0 }), 'fft-ops.fft: n must be an integer >= 1, got 0'],
    ['n', () => fft(x(), { n: 2.5 }), 'fft-ops.fft: n must be an integer >= 1, got 2.5'],
    ['n', () => fft(x(), { n: Number.NaN }), 'fft-ops.fft: n must be an integer >= 1, got NaN'],
    ['length', () => fft(tf.ones([2, 0])), 'fft-ops.fft: length of axis 1 must be an integer >= 1, got 0'],
    ['rank', () => fft(tf.scalar(1)), 'fft-ops.fft: every axis must be an integer in [0, 0), got -1'],
    [
      'norm',
      () => fft(x(), { norm: 'none' as never }),
      "fft-ops.fft: norm must be 'backward', 'ortho' or 'forward', got 'none'",
    ],
    ['kind', () => fft([1, 2] as never), 'fft-ops.fft: x must be a tensor, got [1, 2]'],
    ['options', () => fft(x(), 4 as never), 'fft-ops.fft: options must be some of {n, axis, norm}, got 4'],
    [
      'options',
      () => ifft(x(), { axes: [0] } as never),
      'fft-ops.ifft: options must be some of {n, axis, norm}, got {axes: [0]}',
    ],
    ['kind', () => fft(undefined as never), 'fft-ops.fft: x must be a tensor, got undefined'],
    ['dtype', () => fft(tf.tensor1d(['a'])), "fft-ops.fft: x must be float32, int32 or bool, got 'string'"],
    ['dtype', () => fft(tf.complex([1, 2], [3, 4])), "fft-ops.fft: x must be float32, int32 or bool, got 'complex64'"],
    [
      'pair',
      () => fft({ real: tf.ones([2]), imag: tf.ones([3]) }),
      'fft-ops.fft: x.real and x.imag must have equal shapes, got [[2], [3]]',
    ],
    ['pair', () => fft({ real: tf.ones([2]), imag: 3 as never }), 'fft-ops.fft: x.imag must be a tensor, got 3'],
    [
      'disposed',
      () => {
        const gone = x();
        gone.dispose();
        fft(gone);
      },
      'fft-ops.fft: x must not be disposed, got [2, 3]',
    ],
  ])('is refused by a named error: %s', async (_, call, message) => {
    await expectNamedError(call, FftOpsError, message);
  });
});
