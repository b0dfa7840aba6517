// tf.slice, for which TF.js copies all of x out of the backend's memory, however little is taken.
import { Slice, slice_util, type Tensor, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine/engine.ts';
import { bytesOf, type KernelCall, trainingKernel } from './kernel.ts';

/** x from `begin` on, `size` long along each axis. */
export const slice = trainingKernel<{ begin: number | number[]; size?: number | number[] }>(Slice, (call) => {
  const { inputs, attrs } = call;
  const { x } = inputs as { x: TensorInfo };
  if (x.shape.length === 0 || (x.dtype !== 'float32' && x.dtype !== 'int32')) return call.original();
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
  if (!size.includes(0)) copySlice(wordsOf(engine, x), wordsOf(engine, out), x.shape, begin, size);
  return out;
}

/** Shorter runs of neighbours are copied one by one: that is sooner done than a view is made. */
const SHORT = 32;

function copySlice(from: Int32Array, to: Int32Array, shape: number[], begin: number[], size: number[]): void {
  const strides = shape.map((_, axis) => util.sizeFromShape(shape.slice(axis + 1)));
  // The first axis of which, and of all that lie within it, neighbours are neighbours in the slice too.
  let runAxis = shape.length - 1;
  while (runAxis > 0 && size[runAxis] === shape[runAxis]) runAxis--;
  const length = size[runAxis]! * strides[runAxis]!;
  let written = 0;
  const copyFrom = (axis: number, outer: number) => {
    const start = outer + begin[axis]! * strides[axis]!;
    if (axis < runAxis) {
      for (let i = 0; i < size[axis]!; i++) copyFrom(axis + 1, start + i * strides[axis]!);
    } else if (length < SHORT) {
      for (let i = 0; i < length; i++) to[written++] = from[start + i]!;
    } else {
      to.set(from.subarray(start, start + length), written);
      written += length;
    }
  };
  copyFrom(0, 0);
}

/** A tensor's values as they lie in memory, until that grows. */
function wordsOf(engine: Engine, tensor: TensorInfo): Int32Array {
  const count = util.sizeFromShape(tensor.shape);
  const bytes = engine.bytes(engine.address(tensor), bytesOf(count));
  return new Int32Array(bytes.buffer, bytes.byteOffset, count);
}
