// The kernel of every layer here: a sum of Kronecker products, in one matrix product.
import { customGrad, type GradSaveFunc, matMul, reshape, type Tensor, tidy, transpose } from '@tensorflow/tfjs-core';
import { checkAlgebraAndFilters } from './checks.ts';

/**
 * Builds the kernel of a hypercomplex convolution from the rule of its algebra and n small filter banks.
 *
 * `W = sum_i A_i (x) F_i`, that is
 * `W[..., b * in / n + u, c * out / n + v] = sum_i A[i, c, b] F[i, ..., u, v]`.
 *
 * Differentiable in both, whether or not gradients are registered.
 *
 * @param algebra (n, n, n): for each i the matrix (output block, input block) by which filter bank i multiplies
 * @param filters (n, ...spatial, in / n, out / n), any number of spatial axes; none for a dense layer
 * @returns (...spatial, in, out), the layout of TF.js's own kernels
 * @see https://arxiv.org/abs/2110.04176
 */
export function kroneckerKernel(algebra: Tensor, filters: Tensor): Tensor {
  checkAlgebraAndFilters('kroneckerKernel', algebra, filters);
  return buildKernel(algebra, filters);
}

/**
 * {@link kroneckerKernel} without its checks. `transposed` is for layers whose kernel has its output channels first,
 * (...spatial, out, in): their filters are (n, ...spatial, out / n, in / n).
 */
export function buildKernel(algebra: Tensor, filters: Tensor, { transposed = false } = {}): Tensor {
  const n = algebra.shape[0]!;
  const spatial = filters.shape.slice(1, -2);
  const [p, q] = filters.shape.slice(-2) as [number, number];
  const taps = spatial.reduce((a, b) => a * b, 1);

  // Rows (block of the last axis, block of the one before it), so that the latter comes to stand beside u below.
  const order = transposed ? [2, 1, 0] : [1, 2, 0];
  const back = transposed ? [2, 1, 0] : [2, 0, 1];
  const toRows = (a: Tensor) => reshape(transpose(a, order), [n * n, n]);
  // Columns (u, tap, v). On wasm a transposition of four axes is 40 times as fast as one of five, and with the columns
  // in this order the big one (second block, first block and u, tap, v) <-> (tap, first block and u, second block, v)
  // has four; it is its own inverse.
  const toColumns = (f: Tensor) => reshape(transpose(reshape(f, [n, taps, p, q]), [0, 2, 1, 3]), [n, p * taps * q]);

  const build = customGrad((...inputs: (Tensor | GradSaveFunc)[]) => {
    const [a, f, save] = inputs as [Tensor, Tensor, GradSaveFunc];
    save([a, f]);
    const blocks = reshape(matMul(toRows(a), toColumns(f)), [n, n * p, taps, q]);
    const value = reshape(transpose(blocks, [2, 1, 0, 3]), [...spatial, n * p, n * q]);
    const gradFunc = (dy: Tensor, saved: Tensor[]) =>
      tidy(() => {
        const dBlocks = reshape(transpose(reshape(dy, [taps, n * p, n, q]), [2, 1, 0, 3]), [n * n, p * taps * q]);
        const dRows = matMul(dBlocks, toColumns(saved[1]!), false, true);
        // Not `matMul(rows, dBlocks, true)`: wasm is fast where the first factor is not transposed.
        const dColumns = matMul(transpose(toRows(saved[0]!)), dBlocks);
        return [
          transpose(reshape(dRows, [n, n, n]), back),
          reshape(transpose(reshape(dColumns, [n, p, taps, q]), [0, 2, 1, 3]), filters.shape),
        ];
      });
    return { value, gradFunc };
  });
  return tidy(() => build(algebra, filters));
}
