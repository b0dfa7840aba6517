// A side's matrix and its factors as tensors, with the weights of the side's bins.
import {
  concat,
  matMul,
  mul,
  reshape,
  stack,
  Tensor,
  type Tensor1D,
  type Tensor2D,
  tensor1d,
  tensor2d,
  tidy,
} from '@tensorflow/tfjs-core';
import { analysisMatrix, type Matrix, type Pairing, synthesisMatrix } from './factors.ts';
import { worksInLines } from './lines.ts';
import type { Side } from './side.ts';

/** A side and the weights of its bins, a mask: from the host, or from the device where only that knows them. */
export interface WeightedSide extends Side {
  weights?: Weights;
}

export type Weights = readonly number[] | Tensor1D;

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
  return tidy(() => matMul(synthesis(side, axis, complex), analysis({ ...side, weights: undefined }, axis, complex)));
}

export function synthesis(side: WeightedSide, axis: Axis, complex: boolean): Tensor2D {
  return weighted(synthesisMatrix(side, pairingOf(axis), complex), side, axis, [1, -1]);
}

export function analysis(side: WeightedSide, axis: Axis, complex: boolean): Tensor2D {
  return weighted(analysisMatrix(side, pairingOf(axis), complex), side, axis, [-1, 1]);
}

export function weightsTensor(weights: Weights): Tensor1D {
  return weights instanceof Tensor ? weights : tensor1d([...weights]);
}

/** A weight for each number of each pair. */
export function pairWeights(weights: Weights, axis: Axis): Tensor1D {
  const own = weightsTensor(weights);
  return pairingOf(axis) === 'next' ? reshape(stack([own, own], 1), [-1]) : concat([own, own]);
}

function weighted({ rows, columns, values }: Matrix, { weights }: WeightedSide, axis: Axis, shape: number[]): Tensor2D {
  return tidy(() => {
    const matrix = tensor2d(values, [rows, columns]);
    return weights ? mul(matrix, reshape(pairWeights(weights, axis), shape)) : matrix;
  });
}
