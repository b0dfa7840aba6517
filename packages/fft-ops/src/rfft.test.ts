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
import { numpyArray, numpyIrfftn, numpyRfftn } from './numpy-oracle.ts';
import { irfft, rfft } from './rfft.ts';
import { ACCURATE_LENGTHS, bothParts, errorOf, randomPair } from './test-tools.ts';
import type { AxisOptions } from './types.ts';

forEachBackend(() => {
  it.each(ACCURATE_LENGTHS)('rfft and irfft are accurate at length %d', async (n) => {
    const bound = n === 4093 ? 5e-6 : 2e-6;
    const x = randomValues(n, n);
    const spectrum = rfft(tf.tensor1d(x));
    expect(spectrum.real.shape).toEqual([Math.floor(n / 2) + 1]);
    expect(await errorOf(spectrum, numpyRfftn(numpyArray(x, [n])))).toBeLessThanOrEqual(bound);
    // A spectrum that belongs to no real signal: the imaginary parts of bins 0 and n/2 must not be read.
    const half = randomPair([Math.floor(n / 2) + 1], n + 7);
    const back = irfft(half.pair, { n });
    expect(back.shape).toEqual([n]);
    const expected = numpyIrfftn(half.array, { s: [n] });
    expect(relativeL2Error(await back.data(), expected.real)).toBeLessThanOrEqual(bound);
  });

  it.each<[number[], AxisOptions]>([
    [[3, 4, 5], { axis: 0 }],
    [[3, 4, 5], { axis: 1, norm: 'forward' }],
    [[3, 4, 5], { norm: 'ortho' }],
    [[2, 7, 2], { axis: 1, n: 4 }],
    [[2, 7, 2], { axis: 1, n: 11 }],
    [[2, 7, 2], { axis: 1, n: 12, norm: 'ortho' }],
    [[2, 90, 2], { axis: 1, n: 600 }],
    [[2, 700, 1], { axis: 1, n: 600 }],
    [[2, 700], { n: 1391 }],
    [[2, 900], { n: 1391 }],
    [[3, 1], { n: 5 }],
    [[2, 3], { n: 1 }],
  ])('of shape %j they agree with numpy, %j', async (shape, options) => {
    const x = randomPair(shape, 3);
    const { n, axis = -1, norm } = options;
    const numpyOptions = { axes: [axis], s: n ? [n] : undefined, norm };
    const expected = numpyRfftn(x.array, numpyOptions);
    const actual = rfft(x.pair.real, options);
    expect(actual.real.shape).toEqual(expected.shape);
    expect(await errorOf(actual, expected)).toBeLessThanOrEqual(2e-6);
    const expectedBack = numpyIrfftn(x.array, numpyOptions);
    const back = irfft(x.pair, options);
    expect(back.shape).toEqual(expectedBack.shape);
    expect(relativeL2Error(await back.data(), expectedBack.real)).toBeLessThanOrEqual(2e-6);
  });

  it.each([5, 8, 450])('they have first and second derivatives at length %d', async (n) => {
    const x = tf.tensor2d(randomValues(2 * n, 1), [2, n]);
    const forward = (real: tf.Tensor) => bothParts(rfft(real, { norm: 'ortho' }));
    await checkGradient(forward, [x]);
    await checkGradient(
      tf.grad((v: tf.Tensor) => forward(v).pow(3).mean()),
      [x],
      { tolerance: 2e-2 },
    );
    const { pair } = randomPair([2, Math.floor(n / 2) + 1], 4);
    const inverse = (real: tf.Tensor, imag: tf.Tensor) => irfft({ real, imag }, { n, norm: 'ortho' });
    await checkGradient(inverse as never, [pair.real, pair.imag]);
    const cubed = tf.grad((real: tf.Tensor) => inverse(real, pair.imag).pow(3).mean());
    await checkGradient(cubed, [pair.real], { tolerance: 2e-2 });
  });

  it.each([6, 7])('irfft undoes rfft at length %d, int32 and bool too', async (n) => {
    for (const dtype of ['int32', 'bool'] as const) {
      const x = tf.tensor2d(randomValues(3 * n, 2).map(Math.round), [3, n]).cast(dtype);
      await expect(irfft(rfft(x), { n })).toBeAllClose(Array.from(await x.data()), { relative: 2e-6 });
    }
  });

  it('they do not look at what n crops', async () => {
    const back = irfft(
      { real: tf.tensor1d([4, 1, 0, Number.NaN]), imag: tf.tensor1d([0, 1, 0, Number.NaN]) },
      { n: 4 },
    );
    await expect(back).toBeAllClose([1.5, 0.5, 0.5, 1.5], { relative: 1e-6 });
    await expect(rfft(tf.tensor1d([1, 2, Number.NaN]), { n: 2 }).real).toBeAllClose([3, -1], { relative: 1e-6 });
  });

  it('they keep nothing but their results', () => {
    const x = randomPair([2, 3, 4], 1).pair;
    expectNoLeak(() => rfft(x.real, { axis: 1 }));
    expectNoLeak(() => irfft(x, { axis: 1, n: 5 }));
    expectNoLeak(() => tf.grad((real: tf.Tensor) => irfft(rfft(real)).square().sum())(x.real));
  });
});

describe('a call that cannot be', () => {
  const pair = () => ({ real: tf.ones([2, 3]), imag: tf.ones([2, 3]) });
  it.each<[string, () => unknown, string]>([
    ['n', () => rfft(tf.ones([3]), { n: -1 }), 'fft-ops.rfft: n must be an integer >= 1, got -1'],
    [
      'pair for rfft',
      () => rfft(pair() as never),
      'fft-ops.rfft: x must be a tensor, got {real: a Tensor, imag: a Tensor}',
    ],
    [
      'tensor for irfft',
      () => irfft(tf.ones([3]) as never),
      'fft-ops.irfft: x must be a pair {real, imag} of tensors, got a Tensor',
    ],
    ['axis', () => irfft(pair(), { axis: -3 }), 'fft-ops.irfft: every axis must be an integer in [-2, 2), got -3'],
    [
      'one bin without n',
      () => irfft({ real: tf.ones([1]), imag: tf.ones([1]) }),
      'fft-ops.irfft: length of axis 0 must be an integer >= 1, got 0',
    ],
  ])('is refused by a named error: %s', async (_, call, message) => {
    await expectNamedError(call, FftOpsError, message);
  });
});
