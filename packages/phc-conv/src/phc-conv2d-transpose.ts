import type { Tensor, Tensor4D, Tensor5D } from '@tensorflow/tfjs-core';
import { type PhcConvOptions, phcConvolution } from './convolution/phc-convolution.ts';

/**
 * Hypercomplex transposed 2D convolution: the adjoint of a strided convolution, and so an upsampling.
 *
 * Its kernel is `W[i, j, c * out / n + v, b * in / n + u] = sum_k A[k, c, b] F[k, i, j, v, u]`: block c of the output
 * gets from block b of the input what it does in {@link phcConv2d}.
 *
 * @param x (batch, height, width, in)
 * @param algebra (n, n, n)
 * @param filters (n, kernel height, kernel width, out / n, in / n)
 * @returns (batch, height * stride, width * stride, out) with padding 'same'; with 'valid', longer on each of the two
 * axes by kernel size - stride where that is positive
 * @see https://arxiv.org/abs/2110.04176
 */
export function phcConv2dTranspose(
  x: Tensor4D,
  algebra: Tensor,
  filters: Tensor5D,
  options: Omit<PhcConvOptions, 'dilation'> = {},
): Tensor4D {
  const call = { operation: 'phcConv2dTranspose', rank: 2, transposed: true };
  return phcConvolution({ ...call, x, algebra, filters, options }) as Tensor4D;
}
