import type { Tensor } from '@tensorflow/tfjs-core';
import { complexTransform, twoAxes } from './transform-axes.ts';
import type { AxesOptions, ComplexPair } from './types.ts';

/**
 * Two-dimensional {@link fft}, over the last two axes unless `axes` names others. As `numpy.fft.fft2`.
 *
 * @param x a real tensor or a pair, of rank 2 or more; images as (batch, height, width, channels) want `axes: [1, 2]`
 * @returns a pair of the same shape, but for the two axes, which have the lengths `s`
 */
export function fft2(x: Tensor | ComplexPair, options?: AxesOptions): ComplexPair {
  return complexTransform('fft2', x, twoAxes('fft2', options), -1);
}

/** Inverse of {@link fft2}. As `numpy.fft.ifft2`; shapes as there. */
export function ifft2(x: Tensor | ComplexPair, options?: AxesOptions): ComplexPair {
  return complexTransform('ifft2', x, twoAxes('ifft2', options), 1);
}
