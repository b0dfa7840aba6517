import type { Tensor, Tensor5D } from '@tensorflow/tfjs-core';
import { type PhcConvOptions, phcConvolution } from './convolution/phc-convolution.ts';

/**
 * Hypercomplex 3D convolution: `y = x * kroneckerKernel(algebra, filters) + bias`.
 *
 * Differentiable in x, algebra, filters and bias on every backend, also where `dilation` is more than 1.
 *
 * @param x (batch, depth, height, width, in)
 * @param algebra (n, n, n)
 * @param filters (n, kernel depth, kernel height, kernel width, in / n, out / n)
 * @returns (batch, output depth, output height, output width, out)
 * @see https://arxiv.org/abs/2110.04176
 */
export function phcConv3d(x: Tensor5D, algebra: Tensor, filters: Tensor, options: PhcConvOptions = {}): Tensor5D {
  return phcConvolution({ operation: 'phcConv3d', rank: 3, x, algebra, filters, options }) as Tensor5D;
}
