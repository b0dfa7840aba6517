import { expectNamedError, forEachBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { diffStride1d, diffStride2d } from './diff-stride2d.ts';
import { downsampledSize } from './downsampled-size.ts';
import { DiffStrideError } from './errors.ts';
import { maskedFrequencies } from './masked-frequencies.ts';

it('names rows of both signs and columns from zero on, with what the formula gives', () => {
  const [rows, columns] = maskedFrequencies([16, 16], [4, 4], { smoothness: 2, mask: 'symmetric' });
  // (R + t - p) / R with t = 16 / (2 * 4), one more for columns.
  expect(rows).toEqual({
    frequencies: [-3, -2, -1, 0, 1, 2, 3],
    weights: [0.5, 1, 1, 1, 1, 1, 0.5],
  });
  expect(columns).toEqual({ frequencies: [0, 1, 2, 3, 4], weights: [1, 1, 1, 1, 0.5] });
});

it('shows that published rows are not centred', () => {
  const [rows] = maskedFrequencies([16, 16], [4, 4], { smoothness: 2 });
  expect(rows).toEqual({ frequencies: [-4, -3, -2, -1, 0, 1, 2, 3], weights: [0.5, 1, 1, 1, 1, 1, 1, 0.5] });
});

it('counts the rows of odd sizes likewise', () => {
  const [rows] = maskedFrequencies([15, 12], 3, { cropping: false, smoothness: 2 });
  expect(rows!.frequencies).toEqual([...rows!.frequencies].sort((a, b) => a - b));
  expect(new Set(rows!.frequencies).size).toBe(rows!.frequencies.length);
  expect(rows!.frequencies.every((frequency) => Math.abs(frequency) <= 7)).toBe(true);
});

describe('wrong input', () => {
  it.each<[string, unknown, unknown, object, string]>([
    ['a size of three sides', [8, 8, 8], 2, {}, 'size must be a list of one or two sides, got [8, 8, 8]'],
    ['a stride below 1', [8, 8], 0.5, {}, 'strides must be a number >= 1 or a pair of them, got 0.5'],
    [
      'an image as small as the edge',
      [4, 8],
      2,
      {},
      'smoothness must be below every side of the image, which is [4, 8], got 4',
    ],
    [
      'an option of another name',
      [8, 8],
      2,
      { smoothnes: 2 },
      'options must be some of {smoothness, cropping, shared, lowerLimit, upperLimit, mask, dataFormat}, got {smoothnes: 2}',
    ],
  ])('%s', async (_, size, strides, options, message) => {
    const ask = () => maskedFrequencies(size as [number, number], strides as number, options);
    await expectNamedError(ask, DiffStrideError, `diffstride.maskedFrequencies: ${message}`);
  });
});

/** The part of exp(-2 pi i f x / length) that an impulse at x = 0 leaves of y at frequency f. */
function spectrumAt(y: ArrayLike<number>, frequency: number): number {
  let sum = 0;
  for (let x = 0; x < y.length; x++) sum += y[x]! * Math.cos((2 * Math.PI * frequency * x) / y.length);
  return sum;
}

forEachBackend(() => {
  it('is what an impulse shows of a signal', async () => {
    const impulse = tf
      .oneHot(tf.tensor1d([0], 'int32'), 41)
      .toFloat()
      .reshape([1, 41, 1]) as tf.Tensor3D;
    const y = await diffStride1d(impulse, 2.3).data();
    const [{ frequencies, weights }] = maskedFrequencies([41], 2.3) as [{ frequencies: number[]; weights: number[] }];
    for (const [i, frequency] of frequencies.entries()) {
      if (2 * frequency < y.length) expect(spectrumAt(y, frequency)).toBeCloseTo(weights[i]!, 4);
    }
  });

  it('is what an impulse shows of an image', async () => {
    const [size, strides, options] = [[20, 24], [1.7, 2.6], { mask: 'symmetric' }] as const;
    const impulse = tf.buffer<tf.Rank.R4>([1, ...size, 1]);
    impulse.set(1, 0, 0, 0, 0);
    const y = await diffStride2d(impulse.toTensor(), [...strides], options).data();
    const [height, width] = downsampledSize(size, strides, options) as [number, number];
    const [rows, columns] = maskedFrequencies(size, strides, options);
    for (const [i, row] of rows!.frequencies.entries()) {
      for (const [j, column] of columns!.frequencies.entries()) {
        if (2 * column >= width) continue;
        // The sum of rows +f and -f is real, and the mask gives both the same weight.
        const lines = Array.from({ length: height }, (_, r) => spectrumAt(y.slice(r * width, (r + 1) * width), column));
        expect(spectrumAt(lines, row)).toBeCloseTo(rows!.weights[i]! * columns!.weights[j]!, 4);
      }
    }
  });
});
