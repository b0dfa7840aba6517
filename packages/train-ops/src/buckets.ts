// Small parameters are updated together, because there are many and each would cost as many operations as a large one.
// Large ones are left alone: to copy them into one row and out again costs more than the operations that it saves.
import { concat, reshape, split, Tensor, tidy, type Variable, variable, zeros } from '@tensorflow/tfjs-core';
import { TrainOpsError } from './errors.ts';

/** Numbers in a parameter up to which it counts as small: all vectors and the kernels of a stem, in a common network. */
const SMALL = 2048;

/** Parameters that are updated as one. */
export interface Bucket {
  /** Their places in the list of parameters. */
  members: number[];
  /** Factor of the weight decay. */
  decay: number;
}

/** The buckets of parameters of these sizes; those in one have the same factor of the weight decay. */
export function bucketsOf(weights: readonly { size: number }[], decays?: readonly number[]): Bucket[] {
  const buckets: Bucket[] = [];
  const open = new Map<number, Bucket>();
  for (const [i, { size }] of weights.entries()) {
    const decay = decays?.[i] ?? 1;
    const together = size <= SMALL ? open.get(decay) : undefined;
    if (together) together.members.push(i);
    else {
      const bucket = { members: [i], decay };
      buckets.push(bucket);
      if (size <= SMALL) open.set(decay, bucket);
    }
  }
  return buckets;
}

/**
 * What an optimizer remembers of these parameters, as zeros: a variable for each bucket, with the numbers of its members one
 * after another, or with the shape of its only member. The caller disposes of them.
 */
export function zeroSlots(weights: readonly Tensor[], decays?: readonly number[]): Variable[] {
  if (!Array.isArray(weights) || !weights.every((weight) => weight instanceof Tensor)) {
    throw new TrainOpsError('zeroSlots', 'weights must be a list of tensors', weights);
  }
  return bucketsOf(weights, decays).map((bucket) => {
    const shape = slotShape(bucket, weights);
    return tidy(() => variable(zeros(shape), false));
  });
}

export function slotShape({ members }: Bucket, weights: readonly Tensor[]): number[] {
  if (members.length === 1) return weights[members[0]!]!.shape;
  return [members.reduce((total, i) => total + weights[i]!.size, 0)];
}

/** The tensors of a bucket as one. */
export function gather({ members }: Bucket, tensors: readonly Tensor[]): Tensor {
  if (members.length === 1) return tensors[members[0]!]!;
  return concat(members.map((i) => reshape(tensors[i]!, [tensors[i]!.size])));
}

/** Assigns to each variable of a bucket its part of `values`. */
export function assignParts({ members }: Bucket, variables: readonly Variable[], values: Tensor): void {
  const sizes = members.map((i) => variables[i]!.size);
  const parts = members.length === 1 ? [values] : split(values, sizes);
  for (const [at, i] of members.entries()) variables[i]!.assign(reshape(parts[at]!, variables[i]!.shape));
}
