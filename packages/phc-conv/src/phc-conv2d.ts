import type { Tensor, Tensor4D, Tensor5D } from '@tensorflow/tfjs-core';
import { type PhcConvOptions, phcConvolution } from './convolution/phc-convolution.ts';

/**
 * Hypercomplex 2D convolution: `y = x * kroneckerKernel(algebra, filters) + bias`.
 *
 * Differentiable in x, algebra, filters and bias on every backend, also where `dilation` is more than 1.
 *
 * @param x (batch, height, width, in)
 * @param algebra (n, n, n)
 * @param filters (n, kernel height, kernel width, in / n, out / n)
 * @returns (batch, output height, output width, out)
 * @see https://arxiv.org/abs/2110.04176
 */
export function phcConv2d(x: Tensor4D, algebra: Tensor, filters: Tensor5D, options: PhcConvOptions = {}): Tensor4D {
  return phcConvolution({ operation: 'phcConv2d', rank: 2, x, algebra, filters, options }) as Tensor4D;
}
