// tf.cast: TF.js copies what is of the type already, as half of the gradients ask for, and takes 0.5 for false.
import { Cast, type DataType, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { split } from '../engine/split.ts';
import { shared } from './identity.ts';
import { bytesOf, isWords, type KernelCall, trainingKernel, withWords } from './kernel.ts';

export const cast = trainingKernel<{ dtype: DataType }>(Cast, (call) => {
  const { x } = call.inputs as { x: TensorInfo };
  const { dtype } = call.attrs;
  if (x.dtype === dtype) return shared(call, x);
  if (dtype === 'bool' && isWords(x)) return truths(call, x);
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
function truths({ backend, engine }: KernelCall<object>, x: TensorInfo): TensorInfo {
  const size = util.sizeFromShape(x.shape);
  const isEqual = x.dtype === 'float32' ? 2 : 5; // as assembly/element-wise.ts counts
  return withWords(engine, [0], (zero) => {
    const out = backend.makeOutput(x.shape, 'bool');
    const calls = split(size, engine.lanesFor(size)).map(({ start, count }) => [
      ...[isEqual, 1, engine.address(x) + bytesOf(start), zero, engine.address(out) + start, count],
      ...[bytesOf(1), 0, 0, 0],
    ]);
    engine.run('elementWise', calls);
    return out;
  });
}
