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
import { analysisMatrix, type FactorOptions, type Matrix, type Pairing, synthesisMatrix } from './factors.ts';
import { hasKernel, KERNELS, runKernel } from './kernels.ts';
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

/** Makes a matrix, or the transpose of it: both straight from constants, without turning anything on the device. */
export type MatrixMaker = (transposed: boolean) => Tensor2D;

/** synthesis * diag(weights) * analysis: the side's matrix, its real part or all of it as pairs. */
export function product(side: WeightedSide, axis: Axis, complex: boolean): MatrixMaker {
  const factors = [synthesisOf(side, axis, { complex }), analysis(side, axis, { complex })];
  return (transposed) =>
    tidy(() => {
      const [left, right] = (transposed ? factors.toReversed() : factors).map((make) => make(transposed));
      return weightedProduct({ left, right }, side, axis);
    });
}

/** synthesis * diag(weights) */
export function synthesis(side: WeightedSide, axis: Axis, options: SideOptions = {}): MatrixMaker {
  const make = synthesisOf(side, axis, options);
  return (transposed) => tidy(() => weightedProduct({ [transposed ? 'right' : 'left']: make(transposed) }, side, axis));
}

/** Of the side's frequencies as they are, without weights. */
export function analysis(side: Side, axis: Axis, options: SideOptions = {}): MatrixMaker {
  return (transposed) => matrixTensor(analysisMatrix(side, { pairing: pairingOf(axis), ...options, transposed }));
}

type SideOptions = Pick<FactorOptions, 'complex' | 'needed'>;

/** Weights that the host knows are amplitudes. */
function synthesisOf({ weights, ...side }: WeightedSide, axis: Axis, options: SideOptions): MatrixMaker {
  const known = weights instanceof Tensor ? undefined : weights;
  const bins = side.bins.map((bin, j) => ({ ...bin, amplitude: bin.amplitude * (known?.[j] ?? 1) }));
  return (transposed) =>
    matrixTensor(synthesisMatrix({ ...side, bins }, { pairing: pairingOf(axis), ...options, transposed }));
}

function matrixTensor({ rows, columns, values }: Matrix): Tensor2D {
  return tensor2d(values, [rows, columns]);
}

export function weightsTensor(weights: Weights): Tensor1D {
  return weights instanceof Tensor ? weights : tensor1d([...weights]);
}

/** left * diag(weights) * right, of which one may be absent; the weights are those that only the device knows. */
function weightedProduct(
  { left, right }: Partial<Record<'left' | 'right', Tensor2D>>,
  { weights }: WeightedSide,
  axis: Axis,
): Tensor2D {
  if (!(weights instanceof Tensor)) return left && right ? matMul(left, right) : (left ?? right)!;
  const repeat = pairingOf(axis) === 'next' ? 2 : 1;
  if (hasKernel(KERNELS.weightedProduct)) {
    const inputs = { ...(left && { left }), ...(right && { right }), weights };
    return runKernel(KERNELS.weightedProduct, inputs, { repeat }) as Tensor2D;
  }
  const ofNumbers = repeat === 2 ? reshape(stack([weights, weights], 1), [-1]) : concat([weights, weights]);
  if (!left) return mul(right!, reshape(ofNumbers, [-1, 1]));
  const weighted = mul(left, reshape(ofNumbers, [1, -1])) as Tensor2D;
  return right ? matMul(weighted, right) : weighted;
}
