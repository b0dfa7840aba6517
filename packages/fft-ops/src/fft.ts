import type { Tensor } from '@tensorflow/tfjs-core';
import { complexTransform, oneAxis } from './transform-axes.ts';
import type { AxisOptions, ComplexPair } from './types.ts';

/**
 * Discrete Fourier transform along one axis: X[k] = sum_m x[m] exp(-2 pi i k m / n). As `numpy.fft.fft`.
 *
 * @param x a real tensor or a pair, of any shape
 * @returns a pair of the same shape, but for the axis, which has length `n`
 */
export function fft(x: Tensor | ComplexPair, options?: AxisOptions): ComplexPair {
  return complexTransform('fft', x, oneAxis('fft', options), -1);
}

/**
 * Inverse of {@link fft}: x[m] = 1/n sum_k X[k] exp(2 pi i k m / n). As `numpy.fft.ifft`.
 *
 * @param x a real tensor or a pair, of any shape
 * @returns a pair of the same shape, but for the axis, which has length `n`
 */
export function ifft(x: Tensor | ComplexPair, options?: AxisOptions): ComplexPair {
  return complexTransform('ifft', x, oneAxis('ifft', options), 1);
}
