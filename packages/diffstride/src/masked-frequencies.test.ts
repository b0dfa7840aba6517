import { expectNamedError, forEachBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { diffStride1d, diffStride2d } from './diff-stride2d.ts';
import { downsampledSize } from './downsampled-size.ts';
import { DiffStrideError } from './errors.ts';
import { maskedFrequencies } from './masked-frequencies.ts';
import type { MaskOptions } from './rules.ts';

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

it('keeps both signs of odd sizes without cropping', () => {
  const [rows] = maskedFrequencies([7, 12], 1.2, { cropping: false, smoothness: 1 });
  expect(rows!.frequencies).toEqual([-3, -2, -1, 0, 1, 2, 3]);
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

/** The real part of the DFT of an image (height, width) at a frequency down and across. */
function spectrumAt(y: ArrayLike<number>, [height, width]: readonly number[], down: number, across: number): number {
  let sum = 0;
  for (let i = 0; i < y.length; i++) {
    const turns = (down * Math.floor(i / width!)) / height! + (across * (i % width!)) / width!;
    sum += y[i]! * Math.cos(2 * Math.PI * turns);
  }
  return sum;
}

forEachBackend(() => {
  it('is what an impulse shows of a signal', async () => {
    const impulse = tf.reshape(tf.oneHot(tf.tensor1d([0], 'int32'), 41), [1, 41, 1]);
    const y = await diffStride1d(tf.cast(impulse, 'float32') as tf.Tensor3D, 2.3).data();
    const [signal] = maskedFrequencies([41], 2.3);
    for (const [i, frequency] of signal!.frequencies.entries()) {
      if (2 * frequency === y.length) continue; // two frequencies in one
      expect(spectrumAt(y, [1, y.length], 0, frequency)).toBeCloseTo(signal!.weights[i]!, 4);
    }
  });

  it.each<[[number, number], [number, number], MaskOptions]>([
    [[20, 24], [1.7, 2.6], { mask: 'symmetric' }],
    [[20, 24], [1.7, 2.6], {}],
    [[21, 17], [2.2, 1.6], { smoothness: 2.5 }],
    [[21, 17], [2.2, 1.6], { cropping: false }],
  ])('is what an impulse shows of an image: %j, %j, %j', async (size, strides, options) => {
    const impulse = tf.buffer<tf.Rank.R4>([1, ...size, 1]);
    impulse.set(1, 0, 0, 0, 0);
    const y = await diffStride2d(impulse.toTensor(), strides, options).data();
    const small = downsampledSize(size, strides, options);
    const [rows, columns] = maskedFrequencies(size, strides, options);
    for (const [i, row] of rows!.frequencies.entries()) {
      for (const [j, column] of columns!.frequencies.entries()) {
        // Of column 0 a real image has the mean of both signs, of the last one of an even width two frequencies in one.
        if (column === 0 || 2 * column === small[1]) continue;
        expect(spectrumAt(y, small, row, column)).toBeCloseTo(rows!.weights[i]! * columns!.weights[j]!, 4);
      }
    }
  });
});
