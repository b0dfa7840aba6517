// Values of a tensor set to zero at random.
import { KERNELS } from '@stridelab/train-ops';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { floatsAt, throughAll, trainingKernel } from './kernel.ts';

interface Attrs {
  threshold: number;
  scale: number;
}

/** x, draw (2) -> y as x. */
export const dropout = trainingKernel<Attrs>(KERNELS.dropout, ({ inputs, attrs, backend, engine }) => {
  const { x, draw } = inputs as Record<'x' | 'draw', TensorInfo>;
  const y = backend.makeOutput(x.shape, 'float32');
  const [seed, step] = floatsAt(engine, engine.address(draw), 2);
  throughAll(engine, 'dropout', [x, y], engine.address(x), seed!, step!, attrs.threshold, attrs.scale);
  return y;
});
