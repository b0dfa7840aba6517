// How long the device takes for some work, whatever JavaScript takes to ask for it: what the work dispatches is recorded once
// and submitted many times over.
import * as tf from '@tensorflow/tfjs-core';
import { summarize } from '../harness.ts';
import { watch } from './counters.ts';

export interface RecordedDispatch {
  pipeline: GPUComputePipeline;
  bindGroup: GPUBindGroup;
  workgroups: [number, number, number];
}

export interface SampleOptions {
  rounds: number;
  /** Milliseconds of a sample at least: beside them, the clock's grain and the way to the device and back are small. */
  atLeast: number;
}

export interface DeviceTiming {
  /** Of one call: median of the rounds. */
  milliseconds: number;
  dispatches: number;
}

/**
 * Times the works that `sets` hold, one after another and over again: each does the same to tensors of its own, so that
 * together they do not fit into the device's cache. What they return is disposed of.
 */
export async function timeOnDevice(
  sets: readonly (() => tf.Tensor | tf.Tensor[] | undefined)[],
  options: SampleOptions,
): Promise<DeviceTiming> {
  const { device } = tf.backend() as unknown as { device: GPUDevice };
  const resultsOf = (work: (typeof sets)[number]) => tf.tidy(() => work() ?? []);
  for (const work of sets) tf.dispose(resultsOf(work)); // compiles, and makes what is made once
  const made: tf.TensorContainer[] = [];
  const dispatches = record(() => {
    for (const work of sets) made.push(resultsOf(work));
  });
  tf.dispose(made);
  const milliseconds = (await replayTime(device, dispatches, options)) / sets.length;
  return { milliseconds, dispatches: dispatches.length / sets.length };
}

const BATCH = 'WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE';

/**
 * Runs `work` and returns what it dispatched, in order. The buffers that it bound stay as they are until TF.js works again; if
 * it does, those that are replayed must be kept.
 */
export function record(work: () => void): RecordedDispatch[] {
  const dispatches: RecordedDispatch[] = [];
  const passes = new WeakMap<object, Partial<RecordedDispatch>>();
  const bound = (pass: object, part: Partial<RecordedDispatch>) => passes.set(pass, { ...passes.get(pass), ...part });
  const ends = [
    watch(GPUComputePassEncoder, 'setPipeline', (pass, [pipeline]) => bound(pass, { pipeline })),
    watch(GPUComputePassEncoder, 'setBindGroup', (pass, [, bindGroup]) => bound(pass, { bindGroup })),
    watch(GPUComputePassEncoder, 'dispatchWorkgroups', (pass, args) => {
      const [x, y = 1, z = 1] = args as unknown as [number, number?, number?];
      dispatches.push({ ...(passes.get(pass) as RecordedDispatch), workgroups: [x, y, z] });
    }),
  ];
  const batch = tf.env().getNumber(BATCH);
  tf.env().set(BATCH, Number.MAX_SAFE_INTEGER); // after a submission, buffers of uniforms are used again
  try {
    work();
  } finally {
    tf.env().set(BATCH, batch);
    for (const end of ends) end();
  }
  const backend = tf.backend() as unknown as { endComputePassEncoder(): void; submitQueue(): void };
  backend.endComputePassEncoder();
  backend.submitQueue();
  return dispatches;
}

/** Milliseconds of one run of `dispatches`: median of the rounds. */
export async function replayTime(
  device: GPUDevice,
  dispatches: readonly RecordedDispatch[],
  { rounds, atLeast }: SampleOptions,
): Promise<number> {
  let times = 1;
  let ms = await replay(device, dispatches, times);
  while (ms < atLeast) {
    times = Math.ceil(times * Math.min(8, 1 + (1.2 * atLeast) / Math.max(ms, 0.01)));
    ms = await replay(device, dispatches, times);
  }
  const samples: number[] = [];
  for (let i = 0; i < rounds; i++) samples.push((await replay(device, dispatches, times)) / times);
  return summarize(samples).median;
}

async function replay(device: GPUDevice, dispatches: readonly RecordedDispatch[], times: number): Promise<number> {
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  for (let i = 0; i < times; i++) {
    for (const { pipeline, bindGroup, workgroups } of dispatches) {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(...workgroups);
    }
  }
  pass.end();
  const commands = encoder.finish();
  await device.queue.onSubmittedWorkDone();
  const start = performance.now();
  device.queue.submit([commands]);
  await device.queue.onSubmittedWorkDone();
  return performance.now() - start;
}
