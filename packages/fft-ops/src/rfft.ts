import type { Tensor } from '@tensorflow/tfjs-core';
import { oneAxis, realInverse, realTransform } from './transform-axes.ts';
import type { AxisOptions, ComplexPair } from './types.ts';

/**
 * Discrete Fourier transform of a real tensor along one axis: the bins 0 .. n/2, which say all. As `numpy.fft.rfft`.
 *
 * @param x a real tensor of any shape
 * @returns a pair of the same shape, but for the axis, which has length floor(n / 2) + 1
 */
export function rfft(x: Tensor, options?: AxisOptions): ComplexPair {
  return realTransform('rfft', x, oneAxis('rfft', options));
}

/**
 * Inverse of {@link rfft}. As `numpy.fft.irfft`: `n` is the length of the result, 2 (bins - 1) unless it is given (an odd
 * length must be), and of bin 0 and bin n/2 the real part alone is read.
 *
 * @param x a pair of any shape
 * @returns a real tensor of the same shape, but for the axis, which has length `n`
 */
export function irfft(x: ComplexPair, options?: AxisOptions): Tensor {
  return realInverse('irfft', x, oneAxis('irfft', options));
}
