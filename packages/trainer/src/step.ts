// One step: forward, loss, gradient, update.
import { type FusedOptimizer, softmaxCrossEntropy } from '@stridelab/train-ops';
import { add, keep, type Scalar, type Tensor2D, variableGrads } from '@tensorflow/tfjs-core';
import type { DeviceBatch } from './data.ts';
import type { Network } from './network.ts';

export interface StepResult {
  /** (), penalties of layers included. */
  loss: Scalar;
  /** (size, classes), from before the update. */
  logits: Tensor2D;
}

/** Moves the weights by one batch. The caller disposes of both tensors. */
export function trainStep(
  network: Network,
  optimizer: FusedOptimizer,
  { images, targets }: Pick<DeviceBatch, 'images' | 'targets'>,
  labelSmoothing: number,
): StepResult {
  let logits: Tensor2D | undefined;
  const { value, grads } = variableGrads(() => {
    logits = keep(network.logits(images, true));
    const loss = softmaxCrossEntropy(targets as Tensor2D, logits, { labelSmoothing });
    return network.penalties().reduce((sum, penalty) => add(sum, penalty), loss) as Scalar;
  }, network.variables);
  optimizer.applyGradients(grads);
  for (const gradient of Object.values(grads)) gradient?.dispose();
  return { loss: value, logits: logits! };
}
