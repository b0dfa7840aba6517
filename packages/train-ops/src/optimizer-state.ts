// An optimizer's memory on the host: parameter after parameter, whatever buckets it is kept in on the device.
import type { Variable } from '@tensorflow/tfjs-core';
import type { Bucket } from './buckets.ts';
import { TrainOpsError } from './errors.ts';
import { assign } from './host-update.ts';

/** Everything that an optimizer remembers, for a checkpoint. */
export interface OptimizerState {
  /** Steps taken. */
  step: number;
  /** How many numbers each parameter has. */
  sizes: number[];
  /** By name; each holds the numbers of all parameters, one after another. */
  slots: Record<string, Float32Array>;
}

export function checkState(name: string, state: OptimizerState, slotNames: readonly string[], sizes?: number[]): void {
  const { step, sizes: stored, slots } = state;
  if (!Number.isInteger(step) || step < 0) throw new TrainOpsError(name, 'step must be an integer >= 0', step);
  if (!stored.length) return;
  if (sizes && sizes.join() !== stored.join()) {
    throw new TrainOpsError(name, `the state must be of parameters of sizes [${sizes.join(', ')}]`, stored);
  }
  const total = sum(stored);
  for (const slot of slotNames) {
    const length = slots[slot]?.length;
    if (length !== total) throw new TrainOpsError(name, `slot ${slot} must hold ${total} numbers`, length);
  }
}

export async function readSlots(
  variables: readonly Variable[],
  buckets: readonly Bucket[],
  sizes: readonly number[],
): Promise<Float32Array> {
  const data = await Promise.all(variables.map((variable) => variable.data()));
  const values = new Float32Array(sum(sizes));
  forEachPart(buckets, sizes, (bucket, at, start, size) =>
    values.set(data[bucket]!.subarray(at, at + size) as Float32Array, start),
  );
  return values;
}

export function writeSlots(
  variables: readonly Variable[],
  buckets: readonly Bucket[],
  sizes: readonly number[],
  values: Float32Array,
): void {
  const data = variables.map(({ size }) => new Float32Array(size));
  forEachPart(buckets, sizes, (bucket, at, start, size) => data[bucket]!.set(values.subarray(start, start + size), at));
  for (const [i, variable] of variables.entries()) assign(variable, data[i]!);
}

/** Calls `visit(bucket, place in the bucket, place in the row of all parameters, size)` for every parameter. */
function forEachPart(
  buckets: readonly Bucket[],
  sizes: readonly number[],
  visit: (bucket: number, at: number, start: number, size: number) => void,
): void {
  const starts = sizes.map((_, i) => sum(sizes.slice(0, i)));
  for (const [bucket, { members }] of buckets.entries()) {
    let at = 0;
    for (const i of members) {
      visit(bucket, at, starts[i]!, sizes[i]!);
      at += sizes[i]!;
    }
  }
}

function sum(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total + size, 0);
}
