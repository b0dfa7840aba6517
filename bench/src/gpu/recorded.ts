// Time of dispatches on the GPU alone: what a piece of work dispatches is written down once, then run many times without the
// JavaScript that led to it.

export interface RecordedDispatch {
  pipeline: GPUComputePipeline;
  bindGroup: GPUBindGroup;
  workgroups: [number, number, number];
}

type Method = (this: object, ...args: never[]) => unknown;

/** Runs `work` and returns what it dispatched, in order. The buffers that it bound must live as long as they are replayed. */
export function record(work: () => void): RecordedDispatch[] {
  const dispatches: RecordedDispatch[] = [];
  const passes = new WeakMap<object, Partial<RecordedDispatch>>();
  const undo: (() => void)[] = [];
  const watch = (name: string, seen: (pass: object, args: never[]) => void) => {
    const prototype = GPUComputePassEncoder.prototype as unknown as Record<string, Method>;
    const own = prototype[name]!;
    prototype[name] = function (this: object, ...args: never[]) {
      seen(this, args);
      return own.apply(this, args);
    };
    undo.push(() => {
      prototype[name] = own;
    });
  };
  watch('setPipeline', (pass, [pipeline]) => passes.set(pass, { ...passes.get(pass), pipeline }));
  watch('setBindGroup', (pass, [, bindGroup]) => passes.set(pass, { ...passes.get(pass), bindGroup }));
  watch('dispatchWorkgroups', (pass, args) => {
    const [x, y = 1, z = 1] = args as unknown as [number, number?, number?];
    dispatches.push({ ...(passes.get(pass) as RecordedDispatch), workgroups: [x, y, z] });
  });
  try {
    work();
  } finally {
    for (const put of undo) put();
  }
  return dispatches;
}

/** Milliseconds of one run of `dispatches`, the median of `rounds` that each take at least `atLeast` milliseconds. */
export async function replayTime(
  device: GPUDevice,
  dispatches: readonly RecordedDispatch[],
  { rounds, atLeast }: { rounds: number; atLeast: number },
): Promise<number> {
  let times = 1;
  let ms = await replay(device, dispatches, times);
  while (ms < atLeast) {
    times = Math.ceil(times * Math.min(8, 1 + (1.2 * atLeast) / Math.max(ms, 0.01)));
    ms = await replay(device, dispatches, times);
  }
  const samples: number[] = [];
  for (let i = 0; i < rounds; i++) samples.push((await replay(device, dispatches, times)) / times);
  return samples.sort((a, b) => a - b)[rounds >> 1]!;
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
