// tf.reverse, and tf.image.flipLeftRight with it. TF.js reckons the place of every single number anew.
import { FlipLeftRight, Reverse, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { isWords, type KernelCall, trainingKernel } from './kernel.ts';
import { takeAlong } from './take.ts';

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
    const [start, end] = [from, to].map((tensor) => engine.address(tensor)) as [number, number];
    const indices = Array.from({ length: x.shape[axis]! }, (_, i) => x.shape[axis]! - 1 - i);
    takeAlong(engine, { from: start, to: end, shape: x.shape, axis, indices });
    if (from !== x) backend.disposeData(from.dataId);
    return to;
  }, x);
}
