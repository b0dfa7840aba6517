// How long the device takes for some work, whatever JavaScript takes to ask for it: the work's dispatches are recorded once
// and submitted many times over.
import * as tf from '@tensorflow/tfjs-core';

type Command = (pass: GPUComputePassEncoder) => void;

export interface DeviceTiming {
  /** Milliseconds of one call: median of the rounds. */
  milliseconds: number;
  dispatches: number;
}

export interface ReplayOptions {
  /** Calls of one submission, beside one of a single call whose time is taken off. */
  repeats: number;
  rounds: number;
}

/**
 * Times the works that `sets` hold, one after another and over again: each does the same to tensors of its own, so that
 * together they do not fit into the device's cache. What they return is disposed of.
 */
export async function timeOnDevice(
  sets: readonly (() => tf.Tensor | tf.Tensor[] | undefined)[],
  { repeats, rounds }: ReplayOptions,
): Promise<DeviceTiming> {
  const { device } = tf.backend() as unknown as { device: GPUDevice };
  for (const work of sets) tf.dispose(tf.tidy(() => work() ?? [])); // compiles, and makes what is made once
  const commands = await recorded(() => sets.map((work) => tf.tidy(() => work() ?? [])));
  const submit = async (times: number) => {
    const start = performance.now();
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (let i = 0; i < times; i++) for (const command of commands) command(pass);
    pass.end();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    return performance.now() - start;
  };
  await submit(repeats);
  const samples = [];
  for (let round = 0; round < rounds; round++) {
    const once = await submit(1);
    samples.push(((await submit(1 + repeats)) - once) / repeats / sets.length);
  }
  samples.sort((a, b) => a - b);
  const dispatches = commands.filter((command) => dispatching.has(command)).length / sets.length;
  return { milliseconds: samples[samples.length >> 1]!, dispatches };
}

const dispatching = new WeakSet<Command>();

/** What `work` records. Its buffers stay as they are until TF.js works again, since it submits nothing in between. */
async function recorded(work: () => tf.TensorContainer[]): Promise<Command[]> {
  const commands: Command[] = [];
  const prototype = GPUComputePassEncoder.prototype;
  const { setPipeline, setBindGroup, dispatchWorkgroups } = prototype;
  const note = <Args extends unknown[]>(method: (...args: Args) => void, dispatches = false) =>
    function (this: GPUComputePassEncoder, ...args: Args) {
      const command = (pass: GPUComputePassEncoder) => method.apply(pass, args);
      if (dispatches) dispatching.add(command);
      commands.push(command);
      method.apply(this, args);
    };
  const BATCH = 'WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE';
  const batch = tf.env().getNumber(BATCH);
  tf.env().set(BATCH, Number.MAX_SAFE_INTEGER); // after a submission, buffers of uniforms are used again
  Object.assign(prototype, {
    setPipeline: note(setPipeline),
    setBindGroup: note(setBindGroup as (...args: unknown[]) => void),
    dispatchWorkgroups: note(dispatchWorkgroups, true),
  });
  let results: tf.TensorContainer[] = [];
  try {
    results = work();
  } finally {
    Object.assign(prototype, { setPipeline, setBindGroup, dispatchWorkgroups });
    tf.env().set(BATCH, batch);
  }
  const backend = tf.backend() as unknown as { endComputePassEncoder(): void; submitQueue(): void };
  backend.endComputePassEncoder();
  backend.submitQueue();
  tf.dispose(results);
  return commands;
}
