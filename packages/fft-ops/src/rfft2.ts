import type { Tensor } from '@tensorflow/tfjs-core';
import { realInverse, realTransform, twoAxes } from './transform-axes.ts';
import type { AxesOptions, ComplexPair } from './types.ts';

/**
 * Two-dimensional transform of a real tensor, over the last two axes unless `axes` names others: half a spectrum along
 * the second of them. As `numpy.fft.rfft2`.
 *
 * @param x a real tensor of rank 2 or more; images as (batch, height, width, channels) want `axes: [1, 2]`
 * @returns a pair of the same shape, but for the two axes, which have lengths s[0] and floor(s[1] / 2) + 1
 */
export function rfft2(x: Tensor, options?: AxesOptions): ComplexPair {
  return realTransform('rfft2', x, twoAxes('rfft2', options));
}

/**
 * Inverse of {@link rfft2}. As `numpy.fft.irfft2`: `s` is the size of the result, and must be given where its last length
 * is odd.
 *
 * @param x a pair of rank 2 or more
 * @returns a real tensor of the same shape, but for the two axes, which have the lengths `s`
 */
export function irfft2(x: ComplexPair, options?: AxesOptions): Tensor {
  return realInverse('irfft2', x, twoAxes('irfft2', options));
}
