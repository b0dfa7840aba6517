// tf.sum and tf.mean over neighbouring axes before the last: TF.js's own transpose the whole array first.
import { Mean, Sum, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { split } from '../engine/split.ts';
import { bytesOf, type KernelCall, trainingKernel } from './kernel.ts';
import { sumPartials } from './partials.ts';

interface Attrs {
  axis: number | number[];
  keepDims: boolean;
}

/** out[o, c] = sum over r of x[o, r, c], r running over the summed axes. */
export const sum = trainingKernel<Attrs>(Sum, (call) => reduce(call, () => 1));

/** out[o, c] = mean over r of x[o, r, c], r running over the averaged axes. */
export const mean = trainingKernel<Attrs>(Mean, (call) => reduce(call, (rows) => 1 / rows));

function reduce(call: KernelCall<Attrs>, scale: (rows: number) => number): TensorInfo {
  const { inputs, attrs, backend, engine } = call;
  const { x } = inputs as { x: TensorInfo };
  const axes = util.parseAxisParam(attrs.axis ?? x.shape.map((_, axis) => axis), x.shape).sort((a, b) => a - b);
  const [first, last] = [axes[0]!, axes.at(-1)!];
  const neighbours = last - first === axes.length - 1;
  const columns = util.sizeFromShape(x.shape.slice(last + 1));
  // Sums along the innermost axes need no transposition: TF.js's own are fast there.
  if (x.dtype !== 'float32' || !neighbours || columns === 1) return call.original();
  const outer = util.sizeFromShape(x.shape.slice(0, first));
  const rows = util.sizeFromShape(x.shape.slice(first, last + 1));
  const kept = attrs.keepDims ? axes.map(() => 1) : [];
  const out = backend.makeOutput([...x.shape.slice(0, first), ...kept, ...x.shape.slice(last + 1)], 'float32');
  const at = engine.address(x);
  const lanes = engine.lanesFor(outer * rows * columns);
  if (outer >= lanes) {
    const calls = split(outer, lanes).map(({ start, count }) => [
      at + bytesOf(start * rows * columns),
      engine.address(out) + bytesOf(start * columns),
      ...[count, rows, columns, scale(rows)],
    ]);
    engine.run('sumRows', calls);
    return out;
  }
  // Here `outer` is 1 on two cores; on more, the few that are left are taken one after another.
  const parts = split(rows, lanes);
  for (let o = 0; o < outer; o++) {
    const slab = { address: engine.address(out) + bytesOf(o * columns), size: columns };
    sumPartials(engine, slab, parts.length, 0, (results) => {
      const calls = parts.map(({ index, start, count }) => [
        ...[at + bytesOf((o * rows + start) * columns), results[index]!, 1, count, columns, scale(rows)],
      ]);
      engine.run('sumRows', calls);
    });
  }
  return out;
}
