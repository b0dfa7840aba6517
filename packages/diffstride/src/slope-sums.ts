// What the spectra on both ways say about the strides.
import type { Weights } from '@stridelab/spectral-pooling/spectral-map';
import {
  customGrad,
  gather,
  matMul,
  mul,
  reshape,
  stack,
  sum,
  Tensor,
  type Tensor1D,
  type Tensor2D,
  tensor1d,
  tensor2d,
} from '@tensorflow/tfjs-core';
import { runSlopeSums } from './kernels.ts';
import type { Masks } from './mask-weights.ts';

/**
 * dL/dS of each side. `products` are dL/d(weight of a row * weight of a column) for every place of the spectrum, which
 * is that of some of each side's `bins`; on them go each side's slopes, and the other side's weights. These are constants here: the sums are linear in the products.
 */
export function slopeSums(bins: number[][], now: Masks, products: Tensor1D): Tensor1D {
  const sums = customGrad((...inputs) => {
    const [given] = inputs as [Tensor1D];
    const value = runSlopeSums(given, now, bins) ?? weighedSums(given, weighersOf(now, bins));
    return { value, gradFunc: (dSums: Tensor) => spread(dSums, weighersOf(now, bins)) };
  });
  return sums(products) as Tensor1D;
}

/** Row i of either is what counts for the stride of side i: of the rows (sides, rows) and of the columns (sides, columns). */
type Weighers = [ofRows: Tensor2D, ofColumns: Tensor2D];

function weighersOf({ slopes, weights }: Masks, [first, second]: number[][]): Weighers {
  // A signal is a map of a single column.
  if (!second) return [overNumbers([slopes[0]!], first!), tensor2d([[1]])];
  return [overNumbers([slopes[0]!, weights[0]!], first!), overNumbers([weights[1]!, slopes[1]!], second)];
}

/** Lists over a side's bins as rows over its numbers in the spectrum. */
function overNumbers(lists: Weights[], bins: number[]): Tensor2D {
  if (!lists.some((list) => list instanceof Tensor)) {
    return tensor2d((lists as number[][]).map((list) => bins.map((bin) => list[bin]!)));
  }
  return gather(stack(lists as Tensor1D[]), tensor1d(bins, 'int32'), 1) as Tensor2D;
}

function weighedSums(products: Tensor1D, [ofRows, ofColumns]: Weighers): Tensor {
  const grid = reshape(products, [ofRows.shape[1], ofColumns.shape[1]]);
  return sum(mul(matMul(ofRows, grid), ofColumns), 1);
}

/** The adjoint: what each place of the spectrum adds to the sums. */
function spread(dSums: Tensor, [ofRows, ofColumns]: Weighers): Tensor {
  return reshape(matMul(ofRows, mul(ofColumns, reshape(dSums, [-1, 1])), true), [-1]);
}
