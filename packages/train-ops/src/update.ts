// What the updates of all optimizers share.
import { mul, type NamedTensorMap, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';
import { checkFloatTensor, checkNumber, checkShape } from './checks.ts';
import { TrainOpsError } from './errors.ts';
import { totalSize } from './flat.ts';

export interface UpdateOptions {
  /** Every parameter's value, of any shape. */
  weights: readonly Tensor[];
  /** One for each weight, of its shape. */
  gradients: readonly Tensor[];
  learningRate: number;
  /** Default 0. */
  weightDecay?: number;
  /**
   * 'l2' adds weightDecay * weight to the gradient, as the penalty `weightDecay / 2 * |weight|^2` on the loss does;
   * 'decoupled' takes learningRate * weightDecay * weight off the weight itself, as AdamW does. Default 'l2'.
   */
  decay?: 'l2' | 'decoupled';
  /** Factor of the decay for every number of all weights in a row, such as 0 for those that shall not decay. Default 1. */
  decays?: Tensor1D;
}

export function checkUpdate(operation: string, options: UpdateOptions, slots: Record<string, unknown>): void {
  const { weights, gradients, learningRate, weightDecay = 0, decay = 'l2', decays } = options;
  if (!weights.length) throw new TrainOpsError(operation, 'there must be a weight', weights);
  if (gradients.length !== weights.length) {
    throw new TrainOpsError(operation, `gradients must be ${weights.length}, one for each weight`, gradients.length);
  }
  for (const [i, weight] of weights.entries()) {
    checkFloatTensor(operation, `weights[${i}]`, weight);
    checkFloatTensor(operation, `gradients[${i}]`, gradients[i]);
    checkShape(operation, `gradients[${i}]`, gradients[i]!, weight.shape);
  }
  const size = totalSize(weights);
  for (const [name, slot] of Object.entries({ ...slots, ...(decays && { decays }) })) {
    checkFloatTensor(operation, name, slot);
    checkShape(operation, name, slot, [size]);
  }
  checkNumber(operation, 'learningRate', learningRate);
  checkNumber(operation, 'weightDecay', weightDecay);
  checkDecay(operation, decay);
}

export function checkDecay(operation: string, decay: unknown): void {
  if (decay !== 'l2' && decay !== 'decoupled') {
    throw new TrainOpsError(operation, "decay must be 'l2' or 'decoupled'", decay);
  }
}

/** weightDecay * decays * weights. */
export function decayOf(weights: Tensor, weightDecay: number, decays: Tensor1D | undefined): Tensor {
  const decayed = mul(weights, weightDecay);
  return decays ? mul(decayed, decays) : decayed;
}

/** The inputs of a kernel: weight0 ..., gradient0 ..., and what there is beside. */
export function kernelInputs({ weights, gradients, decays }: UpdateOptions, slots: NamedTensorMap): NamedTensorMap {
  const numbered = (name: string, tensors: readonly Tensor[]) =>
    Object.fromEntries(tensors.map((tensor, i) => [`${name}${i}`, tensor]));
  return { ...numbered('weight', weights), ...numbered('gradient', gradients), ...slots, ...(decays && { decays }) };
}
