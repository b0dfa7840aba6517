import type { Tensor } from '@tensorflow/tfjs-core';
import { complexTransform } from './transform-axes.ts';
import type { AxesOptions, ComplexPair } from './types.ts';

/**
 * {@link fft} along several axes: all of them, or the last `s.length`, or those that `axes` names. As `numpy.fft.fftn`.
 *
 * @param x a real tensor or a pair, of any shape
 * @returns a pair of the same shape, but for those axes, which have the lengths `s`
 */
export function fftn(x: Tensor | ComplexPair, options: AxesOptions = {}): ComplexPair {
  return complexTransform('fftn', x, options, -1);
}

/** Inverse of {@link fftn}. As `numpy.fft.ifftn`; shapes as there. */
export function ifftn(x: Tensor | ComplexPair, options: AxesOptions = {}): ComplexPair {
  return complexTransform('ifftn', x, options, 1);
}
