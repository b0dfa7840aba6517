// Gradients of tf.sum and tf.mean. TF.js multiplies by an array of ones that it fills in JavaScript, as large as x.
import type { BackendGradient } from '@stridelab/registration';
import { engine, Mean, type NamedAttrMap, Sum, type Tensor, util } from '@tensorflow/tfjs-core';
import { REPEAT_ROWS } from '../kernels/columns/repeat-rows.ts';
import { slabsOf } from '../kernels/columns/slabs.ts';

/** dX[..., r, ...] = dY for every r of the summed axes. */
export const sumGradient = reduceGradient(Sum, () => 1);

/** dX[..., r, ...] = dY / rows for every r of the averaged axes. */
export const meanGradient = reduceGradient(Mean, (rows) => 1 / rows);

function reduceGradient(kernelName: string, scaleOf: (rows: number) => number): BackendGradient {
  const slabs = ([x]: Tensor[], { axis }: NamedAttrMap) => slabsOf(x!.shape, axis as number | number[] | undefined);
  return {
    kernelName,
    takes: (saved, attrs) =>
      saved[0]?.dtype === 'float32' && util.sizeFromShape(saved[0].shape) > 0 && slabs(saved, attrs) !== undefined,
    gradient(dy, saved, given) {
      const { outer, rows, columns } = slabs(saved, given)!;
      const attrs = { outer, columns, shape: saved[0]!.shape, scale: scaleOf(rows) };
      return { x: () => engine().runKernel(REPEAT_ROWS, { x: dy }, attrs) as Tensor };
    },
  };
}
