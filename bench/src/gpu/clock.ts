// Time of work on a GPU: the work is put into the queue several times, and the last result awaited.
import type * as tf from '@tensorflow/tfjs-core';
import { summarize } from '../harness.ts';

export interface StepTimes {
  /** Milliseconds of one call, the device's work included: median of the rounds. */
  ms: number;
  /** Milliseconds until one call returns, which is what JavaScript takes: median of the rounds. */
  cpuMs: number;
}

export interface Rounds {
  warmUp: number;
  rounds: number;
  /** Calls in a round. */
  calls: number;
}

/** Lets what waits for a device's answer have its turn, as a training loop does between steps. */
export const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** `work` returns one small tensor that depends on all that it did, which is awaited and disposed of. */
export async function timed(work: () => tf.Tensor, { warmUp, rounds, calls }: Rounds): Promise<StepTimes> {
  await round(work, warmUp);
  const all: StepTimes[] = [];
  for (let i = 0; i < rounds; i++) all.push(await round(work, calls));
  return { ms: summarize(all.map(({ ms }) => ms)).median, cpuMs: summarize(all.map(({ cpuMs }) => cpuMs)).median };
}

async function round(work: () => tf.Tensor, calls: number): Promise<StepTimes> {
  let busy = 0;
  let last: tf.Tensor | undefined;
  const start = performance.now();
  for (let call = 0; call < calls; call++) {
    const begun = performance.now();
    const made = work();
    busy += performance.now() - begun;
    last?.dispose();
    last = made;
    await turn();
  }
  await last?.data();
  last?.dispose();
  const ms = (performance.now() - start) / calls;
  return { ms, cpuMs: busy / calls };
}
