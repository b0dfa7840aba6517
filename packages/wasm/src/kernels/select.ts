// tf.where, four numbers at a time.
import { Select, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { fillZeros, isWords, throughAll, trainingKernel } from './kernel.ts';

/** condition, t, e, all of one shape -> t where the condition holds, and e elsewhere. */
export const select = trainingKernel(Select, (call) => {
  const { inputs, backend, engine } = call;
  const { condition, t, e } = inputs as { condition: TensorInfo; t: TensorInfo; e: TensorInfo };
  // TF.js's own writes past the end of what is empty.
  if (t.dtype !== 'string' && [condition, t, e].some(({ shape }) => shape.includes(0))) {
    const none = backend.makeOutput(t.shape, t.dtype);
    fillZeros(backend, none);
    return none;
  }
  const isOneShape = [t, e].every(({ shape }) => util.arraysEqual(shape, condition.shape));
  if (!isWords(t) || e.dtype !== t.dtype || !isOneShape || condition.dtype !== 'bool') return call.original();
  const out = backend.makeOutput(t.shape, t.dtype);
  throughAll(engine, 'select', [condition, t, e, out]);
  return out;
});
