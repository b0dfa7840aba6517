// All transforms along several axes: complex and real, two axes and any.
import { checkGradient, expectNamedError, expectNoLeak, forEachBackend, relativeL2Error } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { FftOpsError } from './errors.ts';
import { fft2, ifft2 } from './fft2.ts';
import { fftn, ifftn } from './fftn.ts';
import { numpyFftn, numpyIrfftn, numpyRfftn } from './numpy-oracle.ts';
import { irfft2, rfft2 } from './rfft2.ts';
import { irfftn, rfftn } from './rfftn.ts';
import { bothParts, errorOf, randomPair } from './test-tools.ts';
import type { AxesOptions } from './types.ts';

const TWO_AXES: [number[], AxesOptions][] = [
  [[4, 5], {}],
  [[2, 3, 4], {}],
  [[2, 6, 5, 3], { axes: [1, 2] }],
  [[2, 6, 5, 3], { axes: [2, 1], norm: 'ortho' }],
  [[2, 6, 5, 3], { axes: [-3, 2], s: [4, 8], norm: 'forward' }],
  [[3, 1, 2], { axes: [0, 2], s: [5, 7] }],
];

const ANY_AXES: [number[], AxesOptions][] = [
  [[7], {}],
  [[2, 3, 4], {}],
  [[2, 3, 4], { s: [5, 3] }],
  [[2, 3, 4], { axes: [1], norm: 'ortho' }],
  [[2, 3, 4, 2], { axes: [3, 0, 1], s: [3, 2, 5], norm: 'forward' }],
];

forEachBackend(() => {
  describe.each([
    ['fft2', fft2, ifft2, rfft2, irfft2, TWO_AXES],
    ['fftn', fftn, ifftn, rfftn, irfftn, ANY_AXES],
  ] as const)('%s and its kin', (_, forward, inverse, real, realInverse, cases) => {
    it.each(cases)('of shape %j agree with numpy, %j', async (shape, options) => {
      const x = randomPair([...shape], 5);
      const twoAxes = cases === TWO_AXES ? { axes: [-2, -1], ...options } : options;
      for (const [actual, expected] of [
        [forward(x.pair, options), numpyFftn(x.array, twoAxes)],
        [forward(x.pair.real, options), numpyFftn({ ...x.array, imag: x.array.imag.map(() => 0) }, twoAxes)],
        [inverse(x.pair, options), numpyFftn(x.array, twoAxes, true)],
        [real(x.pair.real, options), numpyRfftn(x.array, twoAxes)],
      ] as const) {
        expect(actual.real.shape).toEqual(expected.shape);
        expect(await errorOf(actual, expected)).toBeLessThanOrEqual(2e-6);
      }
      const back = realInverse(x.pair, options);
      const expected = numpyIrfftn(x.array, twoAxes);
      expect(back.shape).toEqual(expected.shape);
      expect(relativeL2Error(await back.data(), expected.real)).toBeLessThanOrEqual(2e-6);
    });

    it('have first and second derivatives', async () => {
      const { pair } = randomPair([2, 4, 3], 6);
      const pairwise = (f: typeof forward) => (re: tf.Tensor, im: tf.Tensor) => bothParts(f({ real: re, imag: im }));
      await checkGradient(pairwise(forward) as never, [pair.real, pair.imag]);
      await checkGradient(pairwise(inverse) as never, [pair.real, pair.imag]);
      await checkGradient((x) => bothParts(real(x)), [pair.real]);
      const back = (re: tf.Tensor, im: tf.Tensor) => realInverse({ real: re, imag: im });
      await checkGradient(back as never, [pair.real, pair.imag]);
      const cubed = tf.grad((x: tf.Tensor) => bothParts(real(x)).pow(3).mean());
      await checkGradient(cubed, [pair.real], { tolerance: 2e-2 });
    });

    it('keep nothing but their results', () => {
      const { pair } = randomPair([2, 3, 4], 1);
      for (const f of [forward, inverse, realInverse]) expectNoLeak(() => f(pair));
      expectNoLeak(() => real(pair.real));
      expectNoLeak(() => tf.grad((x: tf.Tensor) => realInverse(real(x)).square().sum())(pair.real));
    });
  });

  it('rfft2, a product and irfft2 have a gradient together', async () => {
    const { pair } = randomPair([2, 6, 5], 8);
    const filtered = (x: tf.Tensor, response: tf.Tensor) => {
      const { real, imag } = rfft2(x);
      return irfft2({ real: real.mul(response), imag: imag.mul(response) }, { s: [6, 5] })
        .square()
        .mean();
    };
    const response = randomPair([2, 6, 3], 2).pair.real;
    await checkGradient(filtered as never, [pair.real, response]);
  });
});

describe('a call that cannot be', () => {
  const x = () => tf.ones([2, 3, 4]);
  it.each<[string, () => unknown, string | RegExp]>([
    [
      'repeated axes',
      () => fftn(x(), { axes: [1, -2] }),
      'fft-ops.fftn: axes must be distinct, and at least one, got [1, -2]',
    ],
    ['a list', () => rfft2(x(), [1, 2] as never), 'fft-ops.rfft2: options must be some of {s, axes, norm}, got [1, 2]'],
    ['a list', () => rfftn(x(), [1] as never), 'fft-ops.rfftn: options must be some of {s, axes, norm}, got [1]'],
    [
      'a name',
      () => fft2(x(), { axis: [0, 1] } as never),
      'fft-ops.fft2: options must be some of {s, axes, norm}, got {axis: [0, 1]}',
    ],
    ['no options', () => irfftn({ real: x(), imag: x() }, null as never), /^fft-ops.irfftn: options must be .* null$/],
    [
      'axes',
      () => fftn(x(), { axes: 'ab' as never }),
      "fft-ops.fftn: every axis must be an integer in [-3, 3), got 'a'",
    ],
    ['axes', () => rfft2(x(), { axes: null as never }), 'fft-ops.rfft2: axes must be two, got null'],
    ['one axis', () => rfft2(x(), { axes: [1] }), 'fft-ops.rfft2: axes must be two, got [1]'],
    ['rank', () => fft2(tf.ones([3])), 'fft-ops.fft2: every axis must be an integer in [-1, 1), got -2'],
    ['no axis', () => fftn(x(), { axes: [] }), 'fft-ops.fftn: axes must be distinct, and at least one, got []'],
    [
      'lengths',
      () => rfftn(x(), { axes: [0, 1], s: [3] }),
      'fft-ops.rfftn: s must have one length for each axis, got [3]',
    ],
    ['a length', () => ifft2(x(), { s: [3, 0] }), 'fft-ops.ifft2: s[1] must be an integer >= 1, got 0'],
    [
      'too many lengths',
      () => fftn(x(), { s: [1, 2, 3, 4] }),
      'fft-ops.fftn: every axis must be an integer in [-3, 3), got -4',
    ],
    ['kind', () => irfftn(x() as never), 'fft-ops.irfftn: x must be a pair {real, imag} of tensors, got a Tensor'],
    ['kind', () => irfft2(null as never), 'fft-ops.irfft2: x must be a pair {real, imag} of tensors, got null'],
    [
      'norm',
      () => ifftn(x(), { norm: '' as never }),
      "fft-ops.ifftn: norm must be 'backward', 'ortho' or 'forward', got ''",
    ],
  ])('is refused by a named error: %s', async (_, call, message) => {
    await expectNamedError(call, FftOpsError, message);
  });
});
