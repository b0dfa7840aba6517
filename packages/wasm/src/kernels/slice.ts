// tf.slice, for which TF.js copies all of x out of the backend's memory, however little is taken.
import { Slice, slice_util, type Tensor, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { split } from '../engine/split.ts';
import { WasmError } from '../errors.ts';
import { bytesOf, isWords, type KernelCall, trainingKernel, withWords } from './kernel.ts';

/** x from `begin` on, `size` long along each axis. */
export const slice = trainingKernel<{ begin: number | number[]; size?: number | number[] }>(Slice, (call) => {
  const { inputs, attrs } = call;
  const { x } = inputs as { x: TensorInfo };
  if (x.shape.length === 0 || !isWords(x)) return call.original();
  const [begin, size] = slice_util.parseSliceParams(x as Tensor, attrs.begin, attrs.size) as [number[], number[]];
  // Beyond its end lie other tensors.
  slice_util.assertParamsValid(x as Tensor, begin, size);
  const isWithin = begin.every((from, axis) => from >= 0 && size[axis]! >= 0);
  if (!isWithin)
    throw new WasmError('slice', `begin and size must lie within [${x.shape.join(', ')}]`, { begin, size });
  return sliceOf(call, x, begin, size);
});

/** The part of x (of 32-bit values) as a tensor of its own. */
export function sliceOf(
  { backend, engine }: Pick<KernelCall, 'backend' | 'engine'>,
  x: TensorInfo,
  begin: number[],
  size: number[],
): TensorInfo {
  if (size.includes(0)) return backend.makeOutput(size, x.dtype);
  const { axes, bytes, start } = pathOf(x.shape, begin, size);
  const [outer, ...inner] = axes as [Axis, ...Axis[]];
  const count = util.sizeFromShape(size);
  const outerBytes = bytesOf(count / outer.length);
  const words = inner.flatMap(({ length, step }) => [length, step]);
  return withWords(engine, words, (table) => {
    const out = backend.makeOutput(size, x.dtype);
    const [from, to] = [engine.address(x) + start, engine.address(out)];
    const calls = split(outer.length, engine.lanesFor(count)).map((part) => [
      ...[from + part.start * outer.step, to + part.start * outerBytes, part.count, outer.step],
      ...[table, inner.length, bytes],
    ]);
    engine.run('copyPart', calls);
    return out;
  });
}

interface Axis {
  length: number;
  /** In bytes. */
  step: number;
}

/** How one comes through x to all that is taken: runs of `bytes` bytes, along axes as few as can be, from `start` on. */
function pathOf(shape: number[], begin: number[], size: number[]) {
  const axes: Axis[] = [];
  let bytes = bytesOf(1);
  let start = 0;
  let step = bytesOf(1);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = size[axis]!;
    const within = axes[0];
    start += begin[axis]! * step;
    if (!within && bytes === step) bytes *= length;
    else if (within && within.step * within.length === step) within.length *= length;
    else if (length > 1) axes.unshift({ length, step });
    step *= shape[axis]!;
  }
  return { axes: axes.length ? axes : [{ length: 1, step: 0 }], bytes, start };
}
