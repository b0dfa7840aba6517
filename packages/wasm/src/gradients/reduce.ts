// Gradients of tf.sum and tf.mean. TF.js multiplies by an array of ones that it fills in JavaScript, as large as x.
import type { BackendGradient } from '@stridelab/registration';
import { Mean, mul, type NamedAttrMap, reshape, Sum, type Tensor, tidy, tile, util } from '@tensorflow/tfjs-core';

/** dX[..., r, ...] = dY for every r of the summed axes. */
export const sumGradient = reduceGradient(Sum, () => 1);

/** dX[..., r, ...] = dY / count for every r of the averaged axes. */
export const meanGradient = reduceGradient(Mean, (count) => 1 / count);

function reduceGradient(kernelName: string, factorOf: (count: number) => number): BackendGradient {
  return {
    kernelName,
    takes: ([x]) => x?.dtype === 'float32' && x.rank > 0,
    gradient(dy, [x], attrs) {
      const { shape } = x!;
      const axes = util.parseAxisParam(axisOf(attrs, shape), shape);
      const isReduced = shape.map((_, axis) => axes.includes(axis));
      const repeats = shape.map((length, axis) => (isReduced[axis] ? length : 1));
      const kept = shape.map((length, axis) => (isReduced[axis] ? 1 : length));
      const factor = factorOf(util.sizeFromShape(repeats));
      const scaled = (value: Tensor) => (factor === 1 ? value : mul(value, factor));
      return { x: () => tidy(() => tile(scaled(reshape(dy, kept)), repeats)) };
    },
  };
}

/** All axes where the operation was given none. */
function axisOf({ axis }: NamedAttrMap, shape: number[]): number | number[] {
  return (axis as number | number[] | null | undefined) ?? shape.map((_, i) => i);
}
