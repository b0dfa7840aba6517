// tf.reverse, and tf.image.flipLeftRight with it. TF.js reckons the place of every single number anew.
import { FlipLeftRight, Reverse, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine/engine.ts';
import { split } from '../engine/split.ts';
import { bytesOf, isWords, type KernelCall, trainingKernel } from './kernel.ts';

/** x with the order along each of `dims` turned round. */
export const reverse = trainingKernel<{ dims: number | number[] }>(Reverse, (call) =>
  reversed(call, call.inputs.x as TensorInfo, call.attrs.dims),
);

/** Images (batch, height, width, channels) from right to left. */
export const flipLeftRight = trainingKernel(FlipLeftRight, (call) =>
  reversed(call, call.inputs.image as TensorInfo, 2),
);

function reversed(call: KernelCall<object>, x: TensorInfo, dims: number | number[]): TensorInfo {
  const { backend, engine } = call;
  const axes = util.parseAxisParam(dims, x.shape).filter((axis) => x.shape[axis]! > 1);
  if (!isWords(x) || axes.length === 0 || util.sizeFromShape(x.shape) === 0) return call.original();
  return axes.reduce((from, axis) => {
    const to = backend.makeOutput(x.shape, x.dtype);
    reverseAlong(engine, from, to, axis);
    if (from !== x) backend.disposeData(from.dataId);
    return to;
  }, x);
}

function reverseAlong(engine: Engine, x: TensorInfo, out: TensorInfo, axis: number): void {
  const runs = util.sizeFromShape(x.shape.slice(0, axis));
  const length = x.shape[axis]!;
  const bytes = bytesOf(util.sizeFromShape(x.shape.slice(axis + 1)));
  const run = length * bytes;
  const [from, to] = [engine.address(x), engine.address(out)];
  const lanes = engine.lanesFor(util.sizeFromShape(x.shape));
  if (runs >= lanes) {
    const calls = split(runs, lanes).map(({ start, count }) => [
      ...[from + start * run, to + start * run, bytes, length, count],
    ]);
    engine.run('reverseRuns', calls);
    return;
  }
  // The beginning of a run goes to its end.
  const parts = split(length, lanes);
  const calls = Array.from({ length: runs }, (_, r) =>
    parts.map(({ start, count }) => [
      ...[from + r * run + start * bytes, to + (r + 1) * run - (start + count) * bytes, bytes, count, 1],
    ]),
  );
  engine.run('reverseRuns', calls.flat(), parts.length);
}
