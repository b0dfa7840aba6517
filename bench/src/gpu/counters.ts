// What a piece of work makes the GPU do, counted at WebGPU's own interface: dispatches, submissions, and the bytes of all buffers
// that its dispatches bind, each counted once a dispatch: what would move if every kernel read and wrote each of its
// buffers once, which is the least that they can do.

export interface Dispatch {
  /** Label of its pipeline: the name of the kernel, and its variant. */
  kernel: string;
  /** Of the buffers that it binds. */
  bytes: number;
}

export interface Counts {
  dispatches: Dispatch[];
  submits: number;
}

export const bytesOf = (dispatches: readonly Dispatch[]) => dispatches.reduce((sum, { bytes }) => sum + bytes, 0);

type Method = (this: object, ...args: never[]) => unknown;

/** Sees every call of a method of WebGPU's, after it was made, until what is returned is called. */
export function watch(
  type: { prototype: object },
  name: string,
  seen: (self: object, args: never[], result: unknown) => void,
): () => void {
  const prototype = type.prototype as Record<string, Method>;
  const own = prototype[name]!;
  prototype[name] = function (this: object, ...args: never[]) {
    const result = own.apply(this, args);
    seen(this, args, result);
    return result;
  };
  return () => {
    prototype[name] = own;
  };
}

/** `work` may end later than it returns; what is asked of the GPU until then counts. */
export async function countCommands(work: () => unknown): Promise<Counts> {
  const counts: Counts = { dispatches: [], submits: 0 };
  const sizes = new WeakMap<object, number>();
  const bound = new WeakMap<object, number>();
  const kernels = new WeakMap<object, string>();
  const dispatched = (pass: object) => {
    counts.dispatches.push({ kernel: kernels.get(pass) ?? 'unknown', bytes: bound.get(pass) ?? 0 });
  };
  const ends = [
    watch(GPUDevice, 'createBindGroup', (_, [descriptor], group) => sizes.set(group as object, sizeOf(descriptor!))),
    watch(GPUComputePassEncoder, 'setBindGroup', (pass, args) => bound.set(pass, sizes.get(args[1]!) ?? 0)),
    watch(GPUComputePassEncoder, 'setPipeline', (pass, [pipeline]) => {
      kernels.set(pass, (pipeline! as GPUObjectBase).label);
    }),
    watch(GPUComputePassEncoder, 'dispatchWorkgroups', dispatched),
    watch(GPUComputePassEncoder, 'dispatchWorkgroupsIndirect', dispatched),
    watch(GPUQueue, 'submit', () => counts.submits++),
  ];
  try {
    await work();
  } finally {
    for (const end of ends) end();
  }
  return counts;
}

function sizeOf({ entries }: GPUBindGroupDescriptor): number {
  let bytes = 0;
  for (const { resource } of entries) {
    const { buffer, size } = resource as GPUBufferBinding;
    bytes += size ?? buffer?.size ?? 0;
  }
  return bytes;
}
