// tf.slice, for which TF.js copies all of x out of the backend's memory, however little is taken.
import { Slice, slice_util, type Tensor, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { split } from '../engine/split.ts';
import { bytesOf, isWords, type KernelCall, trainingKernel } from './kernel.ts';

/** x from `begin` on, `size` long along each axis. */
export const slice = trainingKernel<{ begin: number | number[]; size?: number | number[] }>(Slice, (call) => {
  const { inputs, attrs } = call;
  const { x } = inputs as { x: TensorInfo };
  if (x.shape.length === 0 || !isWords(x)) return call.original();
  const [begin, size] = slice_util.parseSliceParams(x as Tensor, attrs.begin, attrs.size) as [number[], number[]];
  return sliceOf(call, x, begin, size);
});

/** The part of x (of 32-bit values) as a tensor of its own. */
export function sliceOf(
  { backend, engine }: Pick<KernelCall, 'backend' | 'engine'>,
  x: TensorInfo,
  begin: number[],
  size: number[],
): TensorInfo {
  const out = backend.makeOutput(size, x.dtype);
  if (size.includes(0)) return out;
  const strides = x.shape.map((_, axis) => util.sizeFromShape(x.shape.slice(axis + 1)));
  const isWhole = (axis: number) => size[axis] === x.shape[axis];
  // The first axis of which, and of all that lie within it, neighbours are neighbours in the slice too.
  let runAxis = size.length - 1;
  while (runAxis > 0 && isWhole(runAxis)) runAxis--;
  // The first axis from which on, up to that one, all runs are equally far apart.
  let firstAxis = Math.max(runAxis - 1, 0);
  while (firstAxis > 0 && isWhole(firstAxis)) firstAxis--;
  const bytes = bytesOf(size[runAxis]! * strides[runAxis]!);
  const runs = util.sizeFromShape(size.slice(firstAxis, runAxis));
  const step = runAxis > 0 ? bytesOf(strides[runAxis - 1]!) : 0;
  const starts = startsOf(begin, size, strides, firstAxis);
  const lanes = engine.lanesFor(util.sizeFromShape(size));
  const calls = starts.flatMap((start, i) =>
    split(runs, lanes).map((part) => [
      engine.address(x) + bytesOf(start) + part.start * step,
      engine.address(out) + (i * runs + part.start) * bytes,
      ...[bytes, part.count, step, bytes],
    ]),
  );
  engine.run('copyRuns', calls, lanes); // many small parts are not worth waking threads for
  return out;
}

/** Where in x each block of runs begins: one for every index along the axes before `firstAxis`. */
function startsOf(begin: number[], size: number[], strides: number[], firstAxis: number): number[] {
  const first = begin.reduce((sum, from, axis) => sum + from * strides[axis]!, 0);
  return size
    .slice(0, firstAxis)
    .reduce(
      (starts, count, axis) =>
        starts.flatMap((start) => Array.from({ length: count }, (_, i) => start + i * strides[axis]!)),
      [first],
    );
}
