// tf.where, four numbers at a time.
import { Select, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { split } from '../engine/split.ts';
import { bytesOf, fillZeros, isWords, trainingKernel } from './kernel.ts';

/** condition, t, e, all of one shape -> t where the condition holds, and e elsewhere. */
export const select = trainingKernel(Select, (call) => {
  const { inputs, backend, engine } = call;
  const { condition, t, e } = inputs as { condition: TensorInfo; t: TensorInfo; e: TensorInfo };
  // TF.js's own writes past the end of what is empty.
  if ([condition, t, e].some(({ shape }) => shape.includes(0))) {
    const none = backend.makeOutput(t.shape, t.dtype);
    fillZeros(backend, none);
    return none;
  }
  const isOneShape = [t, e].every(({ shape }) => util.arraysEqual(shape, condition.shape));
  if (!isWords(t) || e.dtype !== t.dtype || !isOneShape || condition.dtype !== 'bool') return call.original();
  const out = backend.makeOutput(t.shape, t.dtype);
  const size = util.sizeFromShape(t.shape);
  const calls = split(size, engine.lanesFor(size)).map(({ start, count }) => [
    engine.address(condition) + start,
    ...[t, e, out].map((tensor) => engine.address(tensor) + bytesOf(start)),
    count,
  ]);
  engine.run('select', calls);
  return out;
});
