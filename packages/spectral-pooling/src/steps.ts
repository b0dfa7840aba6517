// A spectral map as a short chain of real matrix products: Y = Re(A X B^T) with A and B the complex matrices of the height and
// the width. The products are grouped so that the fewest multiplications are made, as one orders a chain of matrices;
// no grouping holds more than about one image between two products.
import {
  concat,
  gather,
  matMul,
  mul,
  reshape,
  stack,
  type Tensor1D,
  type Tensor2D,
  tensor1d,
  tensor2d,
  transpose,
} from '@tensorflow/tfjs-core';
import { analysisMatrix, type Matrix, numbersOf, type Pairing, synthesisMatrix } from './factors.ts';
import { worksInLines } from './lines.ts';
import type { Side } from './side.ts';

/** A side and the weights of its bins, a mask. */
export interface WeightedSide extends Side {
  weights?: Tensor1D;
}

export interface SpectralMap {
  /** Absent for a signal of one dimension, whose samples are the width. */
  height?: WeightedSide;
  width: WeightedSide;
}

export type Axis = 'height' | 'width';

/** `matrix` (rows, n) times an axis of length n, within which the other lies `inner` long: 1 for the width. */
export interface Step {
  matrix: Tensor2D;
  axis: Axis;
  inner: number;
}

/**
 * The pairs of complex numbers lie between height and width, so that they count as either's without moving any data:
 * in images (height, pair, width, channels), and in lines (height, channels, width, pair).
 */
function pairingOf(axis: Axis): Pairing {
  return (axis === 'height') === worksInLines() ? 'apart' : 'next';
}

/** Multiplications per channel of each grouping; the names say what is multiplied first, or around the other. */
function costs(height: Side, width: Side): Record<string, number> {
  const [H, h, W, w] = [height.inputSize, height.outputSize, width.inputSize, width.outputSize];
  const [rows, columns] = [2 * height.bins.length, 2 * width.bins.length];
  const real = height.real || width.real;
  const pair = real ? 1 : 2; // a complex matrix times complex numbers is four real ones on half as many
  return {
    ...(real && { widthFirst: w * W * H + h * H * w, heightFirst: h * H * W + w * W * h }),
    aroundHeight: columns * W * H + pair * h * H * columns + w * columns * h,
    aroundWidth: rows * H * W + pair * w * W * rows + h * rows * w,
  };
}

/** The chain of products for `map`, first product first. */
export function stepsOf({ height, width }: SpectralMap): Step[] {
  if (!height) return stepsOfLine(width);
  const real = height.real || width.real;
  const cost = costs(height, width);
  const cheapest = Object.keys(cost).reduce((best, name) => (cost[name]! < cost[best]! ? name : best));
  const [columns, W, w] = [2 * width.bins.length, width.inputSize, width.outputSize];
  switch (cheapest) {
    case 'heightFirst':
      return [
        { axis: 'height', matrix: product(height, 'height', false), inner: W },
        { axis: 'width', matrix: product(width, 'width', false), inner: 1 },
      ];
    case 'widthFirst':
      return [
        { axis: 'width', matrix: product(width, 'width', false), inner: 1 },
        { axis: 'height', matrix: product(height, 'height', false), inner: w },
      ];
    case 'aroundHeight':
      return [
        { axis: 'width', matrix: analysis({ ...width, weights: undefined }, 'width', false), inner: 1 },
        { axis: 'height', matrix: product(height, 'height', !real), inner: real ? columns : columns / 2 },
        { axis: 'width', matrix: synthesis(width, 'width', false), inner: 1 },
      ];
    default:
      return [
        { axis: 'height', matrix: analysis({ ...height, weights: undefined }, 'height', false), inner: W },
        { axis: 'width', matrix: product(width, 'width', !real), inner: 1 },
        { axis: 'height', matrix: synthesis(height, 'height', false), inner: w },
      ];
  }
}

/** One dimension: the real part of the matrix, or its factors where they are thin. */
function stepsOfLine(width: WeightedSide): Step[] {
  const [W, w, columns] = [width.inputSize, width.outputSize, 2 * width.bins.length];
  if (w * W <= columns * (W + w)) return [{ axis: 'width', matrix: product(width, 'width', false), inner: 1 }];
  return [
    { axis: 'width', matrix: analysis({ ...width, weights: undefined }, 'width', false), inner: 1 },
    { axis: 'width', matrix: synthesis(width, 'width', false), inner: 1 },
  ];
}

/**
 * The same map by way of the spectrum itself, for those who learn the weights: `analysis` goes from the image to the
 * spectrum at the bins, `synthesis` from there to the image. Weights count in either, so use them in one.
 * Between the two lies (batch, height's numbers, width's numbers, channels) as {@link spectrumWeights} has them.
 */
export function transformSteps({ height, width }: SpectralMap, direction: 'analysis' | 'synthesis'): Step[] {
  const real = !height || height.real;
  const factor = (side: WeightedSide, axis: Axis, complex: boolean) => {
    const whole = direction === 'analysis' ? analysis(side, axis, complex) : synthesis(side, axis, complex);
    if (!real) return whole;
    const needed = tensor1d(numbersOf(side, pairingOf(axis)).needed, 'int32');
    return gather(whole, needed, direction === 'analysis' ? 0 : 1);
  };
  const steps: Step[] = [{ axis: 'width', matrix: factor(width, 'width', false), inner: 1 }];
  if (height) {
    const inner = real ? numbersOf(width, pairingOf('width')).needed.length : width.bins.length;
    steps.push({ axis: 'height', matrix: factor(height, 'height', !real), inner });
  }
  return direction === 'analysis' ? steps : steps.toReversed();
}

/**
 * The weights of a side's bins as those of its numbers in the spectrum between analysis and synthesis: cosines and sines of
 * both sides for a real map, and otherwise complex numbers, the pairs of which count as the height's.
 */
export function spectrumWeights(weights: Tensor1D, axis: Axis, { height, width }: SpectralMap): Tensor1D {
  const side = axis === 'height' ? height! : width;
  const { bin, needed } = numbersOf(side, pairingOf(axis));
  if (height && !height.real) return axis === 'height' ? pairWeights(weights, axis) : weights;
  return gather(
    weights,
    tensor1d(
      needed.map((number) => bin[number]!),
      'int32',
    ),
  );
}

/** The chain of the transposed map. */
export function adjointSteps(steps: Step[]): Step[] {
  return steps.toReversed().map((step) => ({ ...step, matrix: transpose(step.matrix) }));
}

/** synthesis * diag(weights) * analysis: the side's matrix, its real part or all of it as pairs. */
function product(side: WeightedSide, axis: Axis, complex: boolean): Tensor2D {
  return matMul(synthesis(side, axis, complex), analysis({ ...side, weights: undefined }, axis, complex));
}

function synthesis(side: WeightedSide, axis: Axis, complex: boolean): Tensor2D {
  const matrix = toTensor(synthesisMatrix(side, pairingOf(axis), complex));
  return side.weights ? mul(matrix, reshape(pairWeights(side.weights, axis), [1, -1])) : matrix;
}

function analysis(side: WeightedSide, axis: Axis, complex: boolean): Tensor2D {
  const matrix = toTensor(analysisMatrix(side, pairingOf(axis), complex));
  return side.weights ? mul(matrix, reshape(pairWeights(side.weights, axis), [-1, 1])) : matrix;
}

/** A weight for each number of each pair. */
function pairWeights(weights: Tensor1D, axis: Axis): Tensor1D {
  return pairingOf(axis) === 'next' ? reshape(stack([weights, weights], 1), [-1]) : concat([weights, weights]);
}

function toTensor({ rows, columns, values }: Matrix): Tensor2D {
  return tensor2d(values, [rows, columns]);
}
