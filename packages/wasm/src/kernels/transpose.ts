// tf.transpose: TF.js takes 8 times as long for a matrix, and 100 times where five axes change places.
import { type TensorInfo, Transpose, util } from '@tensorflow/tfjs-core';
import { split } from '../engine/split.ts';
import { type Axis, joinAxes, stepsOf } from './axes.ts';
import { copyAlong } from './copy-along.ts';
import { shared } from './identity.ts';
import { bytesOf, isWords, type KernelCall, trainingKernel, withWords } from './kernel.ts';

export const transpose = trainingKernel<{ perm: number[] }>(Transpose, (call) => {
  const { x } = call.inputs as { x: TensorInfo };
  const { perm } = call.attrs;
  const shape = perm.map((axis) => x.shape[axis]!);
  // TF.js divides by the lengths of its axes.
  if (util.sizeFromShape(shape) === 0) return call.backend.makeOutput(shape, x.dtype);
  const from = stepsOf(x.shape);
  const steps = perm.map((axis) => from[axis]!);
  const axes = joinAxes(shape, steps);
  if (axes.length < 2) return { ...shared(call, x), shape }; // no value moves
  if (!isWords(x)) return call.original();
  return axes.at(-1)!.from === 1 ? copyAlong(call, x, { shape, steps }) : transposeMatrices(call, x, shape, axes);
});

/** The axis that is the last one in x and the last one of the result change places; the others say where such matrices lie. */
function transposeMatrices(
  { backend, engine }: KernelCall<object>,
  x: TensorInfo,
  shape: number[],
  axes: Axis[],
): TensorInfo {
  const rows = axes.at(-1)!;
  const columns = axes.find(({ from }) => from === 1)!;
  const others = axes.filter((axis) => axis !== rows && axis !== columns);
  const [outer = { length: 1, from: 0, to: 0 }, ...inner] = others;
  const words = inner.flatMap(({ length, from, to }) => [length, bytesOf(from), bytesOf(to)]);
  return withWords(engine, words, (table) => {
    const out = backend.makeOutput(shape, x.dtype);
    const lanes = engine.lanesFor(util.sizeFromShape(shape));
    const cut = outer.length < lanes ? rows : outer;
    const calls = split(cut.length, lanes).map(({ start, count }) => [
      engine.address(x) + bytesOf(start * cut.from),
      engine.address(out) + bytesOf(start * cut.to),
      ...[cut === rows ? count : rows.length, columns.length, bytesOf(rows.from), bytesOf(columns.to)],
      ...[cut === outer ? count : outer.length, bytesOf(outer.from), bytesOf(outer.to), table, inner.length],
    ]);
    engine.run('transpose', calls);
    return out;
  });
}

/** What the function `transpose` takes for matrices that lie one after another. */
export function argumentsForStack(from: number, to: number, count: number, rows: number, columns: number): number[] {
  const bytes = bytesOf(rows * columns);
  return [from, to, rows, columns, bytesOf(columns), bytesOf(rows), count, bytes, bytes, 0, 0];
}
