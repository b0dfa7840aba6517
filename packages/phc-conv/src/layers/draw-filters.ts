import { div, greater, mul, reshape, slice, sqrt, square, sum, type Tensor, tidy, where } from '@tensorflow/tfjs-core';
import type { Initializer } from './plain-layer.ts';

/**
 * Filter banks for which the built kernel has the variance that `initializer` gives to a plain one.
 *
 * They hold the first 1 / n of a kernel drawn at its full size, because fan-in and fan-out are those of the full kernel.
 * Then over the n^2 blocks of `W = sum_i A_i (x) F_i`, Var W = Var F * sum A^2 / n^2, which the scale undoes.
 */
export function drawFilters(shape: number[], kernelShape: number[], initializer: Initializer, rule: Tensor): Tensor {
  return tidy(() => {
    const n = shape[0]!;
    const kernel = reshape(initializer.apply(kernelShape), [-1]);
    const drawn = reshape(slice(kernel, 0, kernel.size / n), shape);
    const squares = sum(square(rule));
    // With an algebra of zeros no scale gives the kernel any variance, and an infinite one would make it NaN.
    return mul(drawn, where(greater(squares, 0), div(n, sqrt(squares)), 1));
  });
}
