// tf.slice, for which TF.js copies all of x out of the backend's memory, however little is taken.
import { Slice, slice_util, type Tensor, type TensorInfo } from '@tensorflow/tfjs-core';
import { WasmError } from '../errors.ts';
import { stepsOf } from './axes.ts';
import { copyAlong } from './copy-along.ts';
import { isWords, type KernelCall, trainingKernel } from './kernel.ts';

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
  call: Pick<KernelCall, 'backend' | 'engine'>,
  x: TensorInfo,
  begin: number[],
  size: number[],
): TensorInfo {
  const steps = stepsOf(x.shape);
  const start = begin.reduce((sum, from, axis) => sum + from * steps[axis]!, 0);
  return copyAlong(call, x, { shape: size, steps, start });
}
