// The gradient of what cuts values off, in one pass. TF.js puts it together from comparisons, which are slow on wasm.
import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { split } from '../engine/split.ts';
import { bytesOf, trainingKernel } from './kernel.ts';

/** A kernel of this package alone. */
export const ClipGradient = 'StridelabClipGradient';

/** Where the gradient passes: from `least` to `most`, both included. */
export interface ClipAttrs {
  least: number;
  most: number;
  /** Whether it is NaN where x is, rather than 0. */
  keepsNaN: boolean;
}

/** x, dy -> dx, all of one shape. */
export const clipGradient = trainingKernel<ClipAttrs>(ClipGradient, ({ inputs, attrs, backend, engine }) => {
  const { x, dy } = inputs as { x: TensorInfo; dy: TensorInfo };
  const dx = backend.makeOutput(x.shape, 'float32');
  const size = util.sizeFromShape(x.shape);
  const calls = split(size, engine.lanesFor(size)).map(({ start, count }) => [
    ...[x, dy, dx].map((tensor) => engine.address(tensor) + bytesOf(start)),
    ...[count, attrs.least, attrs.most, Number(attrs.keepsNaN)],
  ]);
  engine.run('clipGradient', calls);
  return dx;
});
