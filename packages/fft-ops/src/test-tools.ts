// What the tests of this package share.
import { randomValues, relativeL2Error } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { type NumpyArray, numpyArray } from './numpy-oracle.ts';
import type { ComplexPair } from './types.ts';

/** Every length to 64, and prime, odd, even, mixed and large ones. */
export const ACCURATE_LENGTHS = [
  ...Array.from({ length: 64 }, (_, i) => i + 1),
  ...[100, 127, 128, 210, 243, 256, 509, 512, 1000, 1024, 2048, 4093, 4096],
];

/** The same random complex numbers as a pair of tensors and in float64. */
export function randomPair(shape: number[], seed: number): { pair: ComplexPair; array: NumpyArray } {
  const size = shape.reduce((a, b) => a * b, 1);
  const [real, imag] = [randomValues(size, seed), randomValues(size, seed + 1)];
  return {
    pair: { real: tf.tensor(real, shape), imag: tf.tensor(imag, shape) },
    array: numpyArray(real, shape, imag),
  };
}

/** Relative L2 error of both parts together. */
export async function errorOf(actual: ComplexPair, expected: NumpyArray): Promise<number> {
  const [real, imag] = await Promise.all([actual.real.data(), actual.imag.data()]);
  return relativeL2Error([...real, ...imag], [...expected.real, ...expected.imag]);
}

/** Real and imaginary part as one tensor, so that a gradient check sees both. */
export function bothParts({ real, imag }: ComplexPair): tf.Tensor {
  return tf.stack([real, imag]);
}
