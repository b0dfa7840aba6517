// A side's matrix and its factors as tensors, with the weights of the side's bins.
import { concat, matMul, mul, reshape, stack, type Tensor1D, type Tensor2D, tensor2d } from '@tensorflow/tfjs-core';
import { analysisMatrix, type Matrix, type Pairing, synthesisMatrix } from './factors.ts';
import { worksInLines } from './lines.ts';
import type { Side } from './side.ts';

/** A side and the weights of its bins, a mask. */
export interface WeightedSide extends Side {
  weights?: Tensor1D;
}

export type Axis = 'height' | 'width';

/**
 * The pairs of complex numbers lie between height and width, so that they count as either's without moving any data:
 * in images (height, pair, width, channels), and in lines (height, channels, width, pair).
 */
export function pairingOf(axis: Axis): Pairing {
  return (axis === 'height') === worksInLines() ? 'apart' : 'next';
}

/** synthesis * diag(weights) * analysis: the side's matrix, its real part or all of it as pairs. */
export function product(side: WeightedSide, axis: Axis, complex: boolean): Tensor2D {
  return matMul(synthesis(side, axis, complex), analysis({ ...side, weights: undefined }, axis, complex));
}

export function synthesis(side: WeightedSide, axis: Axis, complex: boolean): Tensor2D {
  const matrix = toTensor(synthesisMatrix(side, pairingOf(axis), complex));
  return side.weights ? mul(matrix, reshape(pairWeights(side.weights, axis), [1, -1])) : matrix;
}

export function analysis(side: WeightedSide, axis: Axis, complex: boolean): Tensor2D {
  const matrix = toTensor(analysisMatrix(side, pairingOf(axis), complex));
  return side.weights ? mul(matrix, reshape(pairWeights(side.weights, axis), [-1, 1])) : matrix;
}

/** A weight for each number of each pair. */
export function pairWeights(weights: Tensor1D, axis: Axis): Tensor1D {
  return pairingOf(axis) === 'next' ? reshape(stack([weights, weights], 1), [-1]) : concat([weights, weights]);
}

function toTensor({ rows, columns, values }: Matrix): Tensor2D {
  return tensor2d(values, [rows, columns]);
}
