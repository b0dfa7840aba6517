import type { Tensor } from '@tensorflow/tfjs-core';
import { realInverse, realTransform } from './transform-axes.ts';
import type { AxesOptions, ComplexPair } from './types.ts';

/**
 * Transform of a real tensor along several axes: all of them, or the last `s.length`, or those that `axes` names, with
 * half a spectrum along the last. As `numpy.fft.rfftn`.
 *
 * @param x a real tensor of any shape
 * @returns a pair of the same shape, but for those axes, which have the lengths `s`, the last floor(s / 2) + 1
 */
export function rfftn(x: Tensor, options: AxesOptions = {}): ComplexPair {
  return realTransform('rfftn', x, options);
}

/**
 * Inverse of {@link rfftn}. As `numpy.fft.irfftn`: `s` is the size of the result, and must be given where its last length
 * is odd.
 *
 * @param x a pair of any shape
 * @returns a real tensor of the same shape, but for those axes, which have the lengths `s`
 */
export function irfftn(x: ComplexPair, options: AxesOptions = {}): Tensor {
  return realInverse('irfftn', x, options);
}
