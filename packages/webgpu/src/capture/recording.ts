// The replays of one recorded call.
import { type DataType, engine, type Tensor, type TensorContainer } from '@tensorflow/tfjs-core';
import { CaptureError } from '../errors.ts';
import type { Backend } from '../gpu/backend.ts';
import { contentChanged, contentVersion } from '../gpu/contents.ts';
import type { BufferPool } from '../memory/buffer-pool.ts';
import type { Arena } from './arena.ts';
import { type Command, type Dispatch, encode } from './commands.ts';
import { putTogether, type Structure } from './containers.ts';
import { bringHome, copy, copyToNew, type Home } from './homes.ts';
import type { HostRead } from './recorder.ts';
import { type DispatchTime, Stopwatch } from './stopwatch.ts';

export interface Output {
  buffer: GPUBuffer;
  shape: number[];
  dtype: DataType;
  /** What the buffer holds: TF.js's cast from integers leaves memory as it is. */
  held: DataType;
}

interface Parts {
  arena: Arena;
  commands: readonly Command[];
  /** Buffers of the program that the commands read or write. */
  persistent: ReadonlySet<GPUBuffer>;
  /** Tensors of the program that the commands overwrite. */
  overwritten: ReadonlySet<object>;
  /** Those that they refer to, variables apart. */
  tensors: ReadonlySet<object>;
  /** Variables whose values decided what the commands are. */
  reads: readonly HostRead[];
  /** One for each input. */
  buffers: readonly GPUBuffer[];
  outputs: readonly Output[];
  structure: Structure;
  homes: readonly Home[];
  /** New values of variables on their way home; they come last. */
  finals: readonly Command[];
}

export class Recording<Result extends TensorContainer> {
  /** Of memory that is this recording's own. */
  readonly bytes: number;
  readonly dispatches: number;
  private readonly backend: Backend;
  private readonly pool: BufferPool;
  private readonly parts: Parts;
  private readonly held: Set<GPUBuffer>;

  constructor(backend: Backend, pool: BufferPool, parts: Parts) {
    this.backend = backend;
    this.pool = pool;
    this.parts = parts;
    this.bytes = parts.arena.bytes;
    this.dispatches = parts.commands.filter(({ kind }) => kind === 'dispatch').length;
    this.held = new Set([...parts.persistent, ...parts.homes.map(({ buffer }) => buffer)]);
    for (const buffer of this.held) pool.hold(buffer);
  }

  /**
   * Whether the host would still read what it read when this was recorded, and the program has all tensors and variables of
   * the step: where one is gone, such as the learning rate of an optimizer of TF.js that has been given another, the step has
   * another one in its place.
   */
  get isTrue(): boolean {
    const { reads, tensors, homes } = this.parts;
    const { tensorMap } = this.backend;
    return (
      reads.every(
        ({ variable, dataId, version }) => variable.dataId === dataId && contentVersion(dataId) === version,
      ) &&
      homes.every(({ variable }) => !variable.isDisposed) &&
      [...tensors].every((dataId) => tensorMap.has(dataId) && tensorMap.get(dataId).refCount > 0)
    );
  }

  replay(inputs: readonly Tensor[]): Result {
    return this.run(inputs);
  }

  /** The same, with the time that each dispatch takes on the device. */
  async time(inputs: readonly Tensor[]): Promise<{ result: Result; dispatches: DispatchTime[] }> {
    const stopwatch = new Stopwatch(this.backend.device, this.dispatches);
    try {
      const result = this.run(inputs, stopwatch);
      return { result, dispatches: await stopwatch.read() };
    } finally {
      stopwatch.dispose();
    }
  }

  private run(inputs: readonly Tensor[], stopwatch?: Stopwatch): Result {
    const { backend, pool } = this;
    const { commands, buffers, outputs, structure, homes, finals, overwritten } = this.parts;
    for (const home of homes) bringHome(backend, pool, home);
    for (const [i, buffer] of buffers.entries()) feed(backend, inputs[i]!, buffer);
    backend.ensureCommandEncoderReady();
    backend.endComputePassEncoder();
    const encoder = backend.commandEncoder!;
    encode(commands, encoder, stopwatch && ((dispatch: Dispatch) => stopwatch.lap(dispatch.pipeline.label)));
    const fresh = outputs.map((output) => freshTensor(backend, pool, output));
    encode(finals, encoder);
    stopwatch?.resolve(encoder);
    backend.submitQueue();
    for (const { variable, written } of homes) if (written) contentChanged(backend, variable.dataId);
    for (const dataId of overwritten) contentChanged(backend, dataId);
    return putTogether(structure, fresh);
  }

  /** Gives back all but the program's buffers: as long as they are held, no other tensor can lie in them. */
  shrink(): void {
    this.parts.arena.dispose();
  }

  dispose(): void {
    for (const buffer of this.held) this.pool.letGo(buffer);
    this.held.clear();
    this.shrink();
  }
}

/** A tensor of the program with what an output's buffer holds now. */
export function freshTensor(backend: Backend, pool: BufferPool, { buffer, shape, dtype, held }: Output): Tensor {
  const info = backend.makeTensorInfo(shape, dtype);
  const data = backend.tensorMap.get(info.dataId);
  data.resource = copyToNew(backend, pool, buffer);
  data.dtype = held;
  return engine().makeTensorFromTensorInfo(info, backend as never);
}

/** Brings an input into the recording's memory, from wherever it is. */
function feed(backend: Backend, { dataId, shape, isDisposed }: Tensor, buffer: GPUBuffer): void {
  if (isDisposed) throw new CaptureError('inputs must not be disposed', shape);
  const { resource, values, dtype } = backend.tensorMap.get(dataId);
  if (resource) {
    copy(backend, resource, buffer);
    return;
  }
  const List = dtype === 'float32' ? Float32Array : Int32Array;
  const numbers = values instanceof List ? values : List.from(values!);
  backend.queue.writeBuffer(buffer, 0, numbers as Float32Array<ArrayBuffer>);
}
