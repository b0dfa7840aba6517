// A spectral map as a short chain of real matrix products: Y = Re(A X B^T) with A and B the complex matrices of the height and
// the width. The products are grouped so that the fewest multiplications are made, as one orders a chain of matrices;
// no grouping holds more than about one image between two products.
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { worksInLines } from './lines.ts';
import type { Side } from './side.ts';
import { type Axis, analysis, type MatrixMaker, product, synthesis, type WeightedSide } from './side-matrices.ts';

export interface SpectralMap {
  /** Absent for a signal of one dimension, whose samples are the width. */
  height?: WeightedSide;
  width: WeightedSide;
}

/** A matrix (rows, n) times an axis of length n, within which the other lies `inner` long: 1 for the width. */
export interface Step {
  /** The matrix as the chain multiplies by it: in lines, transposed. */
  matrix: Tensor2D;
  rows: number;
  n: number;
  axis: Axis;
  inner: number;
}

/** A step whose matrix is yet to be made. */
export interface PlannedStep extends Pick<Step, 'axis' | 'inner'> {
  matrix: MatrixMaker;
}

/** Steps with their matrices, which are the caller's. */
export function stepsFrom(plans: readonly PlannedStep[]): Step[] {
  const transposed = worksInLines();
  return plans.map((plan) => {
    const matrix = plan.matrix(transposed);
    const [rows, n] = transposed ? (matrix.shape.toReversed() as [number, number]) : matrix.shape;
    return { ...plan, matrix, rows, n };
  });
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
export function stepsOf({ height, width }: SpectralMap): PlannedStep[] {
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
        { axis: 'width', matrix: analysis(width, 'width'), inner: 1 },
        { axis: 'height', matrix: product(height, 'height', !real), inner: real ? columns : columns / 2 },
        { axis: 'width', matrix: synthesis(width, 'width'), inner: 1 },
      ];
    default:
      return [
        { axis: 'height', matrix: analysis(height, 'height'), inner: W },
        { axis: 'width', matrix: product(width, 'width', !real), inner: 1 },
        { axis: 'height', matrix: synthesis(height, 'height'), inner: w },
      ];
  }
}

/** One dimension: the real part of the matrix, or its factors where they are thin. */
function stepsOfLine(width: WeightedSide): PlannedStep[] {
  const [W, w, columns] = [width.inputSize, width.outputSize, 2 * width.bins.length];
  if (w * W <= columns * (W + w)) return [{ axis: 'width', matrix: product(width, 'width', false), inner: 1 }];
  return [
    { axis: 'width', matrix: analysis(width, 'width'), inner: 1 },
    { axis: 'width', matrix: synthesis(width, 'width'), inner: 1 },
  ];
}

/** The chain of the transposed map. */
export function adjointSteps(plans: readonly PlannedStep[]): PlannedStep[] {
  return plans.toReversed().map((plan) => ({ ...plan, matrix: (transposed) => plan.matrix(!transposed) }));
}
