// tf.transpose where it swaps the last two groups of axes: TF.js takes 20 times as long for a single matrix.
import { type TensorInfo, Transpose, util } from '@tensorflow/tfjs-core';
import { split } from '../engine/split.ts';
import { bytesOf, trainingKernel } from './kernel.ts';

/** out[m, c, r] = x[m, r, c] for stacks of matrices; other permutations are left to TF.js. */
export const transpose = trainingKernel<{ perm: number[] }>(Transpose, (call) => {
  const { inputs, attrs, backend, engine } = call;
  const { x } = inputs as { x: TensorInfo };
  const stack = stackOfMatrices(x.shape, attrs.perm);
  if (!stack || (x.dtype !== 'float32' && x.dtype !== 'int32')) return call.original();
  const { matrices, rows, columns } = stack;
  const out = backend.makeOutput(
    attrs.perm.map((axis) => x.shape[axis]!),
    x.dtype,
  );
  const calls = split(matrices, engine.lanesFor(matrices * rows * columns)).map(({ start, count }) => {
    const offset = bytesOf(start * rows * columns);
    return [engine.address(x) + offset, engine.address(out) + offset, count, rows, columns];
  });
  engine.run('transpose', calls);
  return out;
});

/** Sizes, if `perm` keeps some axes, then takes all from one on, then those between. */
export function stackOfMatrices(shape: number[], perm: number[]) {
  const kept = perm.findIndex((axis, place) => axis !== place);
  if (kept < 0) return undefined;
  const cut = perm[kept]!;
  const axes = perm.map((_, axis) => axis);
  const swapped = [...axes.slice(0, kept), ...axes.slice(cut), ...axes.slice(kept, cut)];
  if (swapped.some((axis, place) => axis !== perm[place])) return undefined;
  return {
    matrices: util.sizeFromShape(shape.slice(0, kept)),
    rows: util.sizeFromShape(shape.slice(kept, cut)),
    columns: util.sizeFromShape(shape.slice(cut)),
  };
}
