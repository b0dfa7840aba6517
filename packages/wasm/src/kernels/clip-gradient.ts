// The gradient of what cuts values off, in one pass. TF.js puts it together from comparisons, which are slow on wasm.
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { throughAll, trainingKernel } from './kernel.ts';

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
  throughAll(engine, 'clipGradient', [x, dy, dx], attrs.least, attrs.most, Number(attrs.keepsNaN));
  return dx;
});
