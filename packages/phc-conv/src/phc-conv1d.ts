import type { Tensor, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { type PhcConvOptions, phcConvolution } from './convolution/phc-convolution.ts';

/**
 * Hypercomplex 1D convolution: `y = x * kroneckerKernel(algebra, filters) + bias`.
 *
 * Differentiable in x, algebra, filters and bias on every backend, also where `dilation` is more than 1.
 *
 * @param x (batch, width, in)
 * @param algebra (n, n, n)
 * @param filters (n, kernel width, in / n, out / n)
 * @returns (batch, output width, out)
 * @see https://arxiv.org/abs/2110.04176
 */
export function phcConv1d(x: Tensor3D, algebra: Tensor, filters: Tensor4D, options: PhcConvOptions = {}): Tensor3D {
  return phcConvolution({ operation: 'phcConv1d', rank: 1, x, algebra, filters, options }) as Tensor3D;
}
