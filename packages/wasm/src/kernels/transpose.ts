// tf.transpose: TF.js takes 8 times as long for a matrix, and 100 times where five axes change places.
import { type TensorInfo, Transpose, util } from '@tensorflow/tfjs-core';
import { split } from '../engine/split.ts';
import { copyAlong, stepsOf } from './copy-along.ts';
import { bytesOf, isWords, trainingKernel, withWords } from './kernel.ts';

/** An axis of the result: how far apart neighbours along it lie in x, and in the result. */
interface Axis {
  length: number;
  from: number;
  to: number;
}

export const transpose = trainingKernel<{ perm: number[] }>(Transpose, (call) => {
  const { inputs, attrs, backend, engine } = call;
  const { x } = inputs as { x: TensorInfo };
  const count = util.sizeFromShape(x.shape);
  const path = pathOf(x.shape, attrs.perm);
  if (!path || !isWords(x) || count === 0) return call.original();
  const { rows, columns, outer, inner } = path;
  if (!columns) {
    const steps = stepsOf(x.shape);
    return copyAlong(
      call,
      x,
      attrs.perm.map((axis) => ({ length: x.shape[axis]!, step: steps[axis]! })),
    );
  }
  const words = inner.flatMap(({ length, from, to }) => [length, bytesOf(from), bytesOf(to)]);
  return withWords(engine, words, (table) => {
    const out = backend.makeOutput(
      attrs.perm.map((axis) => x.shape[axis]!),
      x.dtype,
    );
    const lanes = engine.lanesFor(count);
    const cut = outer.length < lanes ? rows : outer;
    const calls = split(cut.length, lanes).map(({ start, count: length }) => [
      engine.address(x) + bytesOf(start * cut.from),
      engine.address(out) + bytesOf(start * cut.to),
      ...[cut === rows ? length : rows.length, columns.length, bytesOf(rows.from), bytesOf(columns.to)],
      ...[cut === outer ? length : outer.length, bytesOf(outer.from), bytesOf(outer.to), table, inner.length],
    ]);
    engine.run('transpose', calls);
    return out;
  });
});

/** What the function `transpose` takes for a stack of matrices that lie one after another. */
export function stackOfMatrices(from: number, to: number, count: number, rows: number, columns: number): number[] {
  const bytes = bytesOf(rows * columns);
  return [from, to, rows, columns, bytesOf(columns), bytesOf(rows), count, bytes, bytes, 0, 0];
}

/**
 * Axes of the result that become neighbours' (`rows`) and that are neighbours' in x (`columns`, where those are others), and the others
 * from the outermost on: as few as can be. Nothing where all values stay where they are.
 */
export function pathOf(shape: number[], perm: number[]) {
  const axes: Axis[] = [];
  const steps = stepsOf(shape);
  let to = 1;
  for (const axis of [...perm].reverse()) {
    const [length, from] = [shape[axis]!, steps[axis]!];
    const within = axes[0];
    if (length === 1) continue;
    if (within && within.from * within.length === from) within.length *= length;
    else axes.unshift({ length, from, to });
    to *= length;
  }
  const rows = axes.pop();
  if (!rows || axes.length === 0) return undefined;
  const columns =
    rows.from === 1
      ? undefined
      : axes.splice(
          axes.findIndex(({ from }) => from === 1),
          1,
        )[0]!;
  const [outer = { length: 1, from: 0, to: 0 }, ...inner] = axes;
  return { rows, columns, outer, inner };
}
