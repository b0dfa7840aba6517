// What can be wrong with the update of an optimizer, found out before any tensor is made.
import { Variable } from '@tensorflow/tfjs-core';
import { bucketsOf, slotShape } from './buckets.ts';
import { checkFloatTensor, checkNumber, checkOptions, checkRate, checkShape } from './checks.ts';
import { TrainOpsError } from './errors.ts';
import type { Slots, UpdateOptions } from './update.ts';

const OPTIONS = 'weights, gradients, learningRate, weightDecay, decay, decays';

/** `others` are the names of what an update takes beside that, its slots included. */
export function checkUpdate(operation: string, options: UpdateOptions, slots: Slots, others: string): void {
  checkOptions(operation, options, `${OPTIONS}, ${others}`);
  const { weights, gradients = [], learningRate, weightDecay = 0, decay = 'l2', decays } = options;
  if (!Array.isArray(weights) || !weights.length) throw new TrainOpsError(operation, 'there must be a weight', weights);
  if (gradients.length !== weights.length) {
    throw new TrainOpsError(operation, `gradients must be ${weights.length}, one for each weight`, gradients.length);
  }
  for (const [i, weight] of weights.entries()) {
    checkVariable(operation, `weights[${i}]`, weight, weight?.shape);
    checkFloatTensor(operation, `gradients[${i}]`, gradients[i]);
    checkShape(operation, `gradients[${i}]`, gradients[i]!, weight.shape);
  }
  if (decays && !(decays.length === weights.length && decays.every((factor) => factor >= 0))) {
    throw new TrainOpsError(operation, `decays must be ${weights.length} numbers >= 0, one for each weight`, decays);
  }
  const buckets = bucketsOf(weights, decays);
  for (const [name, variables] of Object.entries(slots)) {
    if (variables?.length !== buckets.length) {
      throw new TrainOpsError(operation, `${name} must be what zeroSlots makes for these weights`, variables);
    }
    for (const [i, bucket] of buckets.entries()) {
      checkVariable(operation, `${name}[${i}]`, variables[i], slotShape(bucket, weights));
    }
  }
  checkRate(operation, 'learningRate', learningRate);
  checkNumber(operation, 'weightDecay', weightDecay);
  checkDecay(operation, decay);
}

function checkVariable(operation: string, name: string, value: unknown, shape: readonly number[]): void {
  if (!(value instanceof Variable)) throw new TrainOpsError(operation, `${name} must be a variable`, value);
  checkFloatTensor(operation, name, value);
  checkShape(operation, name, value, shape);
}

export function checkDecay(operation: string, decay: unknown): void {
  if (decay !== 'l2' && decay !== 'decoupled') {
    throw new TrainOpsError(operation, "decay must be 'l2' or 'decoupled'", decay);
  }
}
