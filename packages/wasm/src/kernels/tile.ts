// tf.tile, which the gradient of batch normalization calls once a layer.
import { type TensorInfo, Tile, util } from '@tensorflow/tfjs-core';
import { bytesOf, isWords, trainingKernel, withWords } from './kernel.ts';

/** x repeated reps[axis] times along each axis. */
export const tile = trainingKernel<{ reps: number[] }>(Tile, (call) => {
  const { inputs, attrs, backend, engine } = call;
  const { x } = inputs as { x: TensorInfo };
  const rank = x.shape.length;
  const shape = x.shape.map((length, axis) => length * attrs.reps[axis]!);
  // TF.js's own writes past the end of an array that it repeats no times.
  if (util.sizeFromShape(shape) === 0 && x.dtype !== 'string') return backend.makeOutput(shape, x.dtype);
  if (rank === 0 || !isWords(x)) return call.original();
  return withWords(engine, [...x.shape, ...attrs.reps], (dims) => {
    const out = backend.makeOutput(shape, x.dtype);
    engine.run('tile', [[engine.address(x), engine.address(out), dims, dims + bytesOf(rank), rank]]);
    return out;
  });
});
