// tf.cast: TF.js copies what is of the type already, as half of the gradients ask for, and takes 0.5 for false.
import { Cast, type DataType, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { split } from '../engine/split.ts';
import { notEqual } from './element-wise.ts';
import { shared } from './identity.ts';
import { bytesOf, fillZeros, isWords, type KernelCall, trainingKernel } from './kernel.ts';

export const cast = trainingKernel<{ dtype: DataType }>(Cast, (call) => {
  const { x } = call.inputs as { x: TensorInfo };
  const { dtype } = call.attrs;
  if (x.dtype === dtype) return shared(call, x);
  if (dtype === 'bool' && isWords(x) && util.sizeFromShape(x.shape)) return truths(call, x);
  if (dtype === 'float32' && (x.dtype === 'bool' || x.dtype === 'int32')) return floats(call, x);
  return call.original();
});

function floats({ backend, engine }: KernelCall<object>, x: TensorInfo): TensorInfo {
  const out = backend.makeOutput(x.shape, 'float32');
  const size = util.sizeFromShape(x.shape);
  const bytes = util.bytesPerElement(x.dtype);
  const calls = split(size, engine.lanesFor(size)).map(({ start, count }) => [
    ...[engine.address(x) + start * bytes, engine.address(out) + bytesOf(start), count, bytes],
  ]);
  engine.run('toFloats', calls);
  return out;
}

/** Where x is not 0, what is no number included. */
function truths(call: KernelCall<object>, x: TensorInfo): TensorInfo {
  const zero = call.backend.makeOutput([], x.dtype);
  fillZeros(call.backend, zero);
  const isOther = notEqual.run({ ...call, inputs: { a: x, b: zero }, attrs: {} }) as TensorInfo;
  call.backend.disposeData(zero.dataId);
  return isOther;
}
