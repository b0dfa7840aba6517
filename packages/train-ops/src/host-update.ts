// Updates on the cpu backend, whose numbers are the program's own: one loop over them instead of an operation for each term.
import { type Scalar, type Tensor, tensor, tidy, type Variable } from '@tensorflow/tfjs-core';
import type { Bucket } from './buckets.ts';

type Numbers = Float32Array;

/** One weight, or its part of a slot, before and after: the next values go into arrays of their own. */
export interface HostPart {
  weight: Numbers;
  gradient: Numbers;
  nextWeight: Numbers;
  /** For each kind of slot. */
  slots: Numbers[];
  nextSlots: Numbers[];
}

/** `weightDecay` is the weight's own. */
export type HostUpdate = (part: HostPart, weightDecay: number) => void;

interface HostState {
  buckets: readonly Bucket[];
  weights: readonly Variable[];
  gradients: readonly Tensor[];
  /** For each kind of slot, one for each bucket. */
  slots: readonly (readonly Variable[])[];
  weightDecay: number;
}

/**
 * Updates weight after weight. Never in place: on this backend `data()` gives out the very array that a tensor holds, and
 * what somebody has read must not change.
 */
export function updateOnHost(
  { buckets, weights, gradients, slots: lists, weightDecay }: HostState,
  update: HostUpdate,
): void {
  for (const [b, bucket] of buckets.entries()) {
    const held = lists.map((variables) => variables[b]!);
    const slots = held.map(numbersOf);
    const nextSlots = slots.map(({ length }) => new Float32Array(length));
    let at = 0;
    for (const i of bucket.members) {
      const weight = weights[i]!;
      const end = at + weight.size;
      const nextWeight = new Float32Array(weight.size);
      const part = {
        weight: numbersOf(weight),
        gradient: numbersOf(gradients[i]!),
        nextWeight,
        slots: slots.map((values) => values.subarray(at, end)),
        nextSlots: nextSlots.map((values) => values.subarray(at, end)),
      };
      update(part, weightDecay * bucket.decay);
      assign(weight, nextWeight);
      at = end;
    }
    for (const [s, slot] of held.entries()) assign(slot, nextSlots[s]!);
  }
}

/** A rate as a number: on this backend there is no device to wait for. */
export function numberOf(rate: number | Scalar): number {
  return typeof rate === 'number' ? rate : rate.dataSync()[0]!;
}

const numbersOf = (tensor: Tensor) => tensor.dataSync() as Numbers;

export function assign(variable: Variable, values: Numbers): void {
  tidy(() => variable.assign(tensor(values, variable.shape)));
}
