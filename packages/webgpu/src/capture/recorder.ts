// Listens to TF.js's backend while a step runs, and lends it memory that stays for the replays.
import { type DataId, type DataType, engine, type Tensor, util, type Variable } from '@tensorflow/tfjs-core';
import { CaptureError } from '../errors.ts';
import type { Backend, BufferManager } from '../gpu/backend.ts';
import { contentVersion } from '../gpu/contents.ts';
import { type ActiveRecording, endRecording, startRecording } from '../gpu/recordings.ts';
import type { BufferPool } from '../memory/buffer-pool.ts';
import { Arena } from './arena.ts';
import type { Command } from './commands.ts';
import { liesIn } from './homes.ts';
import { Overrides } from './overrides.ts';
import { RecordingEncoder } from './recording-encoder.ts';
import { bytesOf, recordingQueue } from './recording-queue.ts';
import type { BufferName, Trace } from './trace.ts';

/** What the host knew of a variable: a recording is true as long as that is. */
export interface HostRead {
  variable: Variable;
  dataId: DataId;
  version: number;
}

export class Recorder implements ActiveRecording {
  readonly arena: Arena;
  readonly commands: Command[] = [];
  readonly trace: Trace[] = [];
  /** Buffers of the program's own tensors that the commands refer to. */
  readonly persistent = new Set<GPUBuffer>();
  /** Tensors of the program that kernels overwrite. */
  readonly overwritten = new Set<DataId>();
  /** Tensors of the program that commands refer to, variables apart. */
  readonly tensors = new Set<DataId>();
  /** What was made since the recording began. */
  readonly made = new Set<DataId>();
  /** Variables and the data that they had when the recording began. */
  readonly variables = new Map<DataId, Variable>();
  /** Buffers that data of the program got in the meantime, or had. */
  readonly buffers = new Map<DataId, GPUBuffer>();
  /** What the memory of variables held then. */
  readonly types = new Map<DataId, DataType>();
  /** Variables whose values the host read. */
  readonly reads: HostRead[] = [];
  /** Why this call is none to replay, though another one may be. */
  unsettled: CaptureError | undefined;
  /** Why this cannot be replayed. */
  failure: CaptureError | undefined;
  private readonly backend: Backend;
  private readonly pool: BufferPool;
  private readonly names = new Map<GPUBuffer, string>();
  private readonly bound = new WeakMap<GPUBindGroup, BufferName[]>();
  private readonly memory = new Overrides();
  private readonly overrides = new Overrides();
  private listening = false;

  constructor(backend: Backend, pool: BufferPool) {
    this.backend = backend;
    this.pool = pool;
    this.arena = new Arena(pool);
    for (const variable of Object.values(engine().registeredVariables)) {
      if (!backend.tensorMap.has(variable.dataId)) continue;
      if (variable.dtype === 'complex64') {
        this.reads.push({ variable, dataId: variable.dataId, version: 0 }); // its parts are tensors like others
        continue;
      }
      this.variables.set(variable.dataId, variable);
      const { resource, dtype } = backend.tensorMap.get(variable.dataId);
      this.types.set(variable.dataId, dtype);
      if (resource) this.knows(variable.dataId, resource);
    }
  }

  fail(rule: string, got: unknown): void {
    this.failure ??= new CaptureError(rule, got);
  }

  failRead(shape: readonly number[]): void {
    this.fail('the step must not read tensors: return them, and read what it returns', { shape });
  }

  start(): void {
    const { backend, overrides } = this;
    const { device, queue, tensorMap, uploadToGPU, shouldExecuteOnCPU, runWebGPUProgram } = backend;
    flush(backend);
    startRecording(backend, this);
    this.listening = true;
    this.memory.set(backend, 'bufferManager', this.arena);
    // In the recording's memory nothing is written but by commands, in their order: what is released may be used at once.
    this.memory.define(backend, 'commandQueueOwnedIds', { get: () => NOTHING, set() {} });
    overrides.set(backend, 'ensureCommandEncoderReady', () => {
      backend.commandEncoder ??= new RecordingEncoder(
        device.createCommandEncoder(),
        this,
      ) as unknown as GPUCommandEncoder;
    });
    overrides.set(backend, 'queue', recordingQueue(queue, this));
    overrides.set(tensorMap, 'set', (dataId, data) => {
      this.made.add(dataId);
      Object.getPrototypeOf(tensorMap).set.call(tensorMap, dataId, data);
    });
    overrides.set(backend, 'uploadToGPU', (dataId) => this.upload(dataId, uploadToGPU));
    // The host may compute with its own constants; what it computed of the program's tensors would stay as it is.
    overrides.set(backend, 'shouldExecuteOnCPU', (list, sizeThreshold) => {
      return list.every(({ dataId }) => this.made.has(dataId)) && shouldExecuteOnCPU.call(backend, list, sizeThreshold);
    });
    // Some of TF.js's kernels write into a tensor that another one has made, which may be of the host.
    overrides.set(backend, 'runWebGPUProgram', (program, inputs, dtype, uniforms, output) => {
      if (output && util.sizeFromShape(output.shape)) {
        backend.uploadToGPU(output.dataId);
        this.overwrites(output.dataId);
      }
      return runWebGPUProgram.call(backend, program, inputs, dtype, uniforms, output);
    });
    for (const name of ['read', 'readSync', 'readToGPU'] as const) this.listenToReads(name);
    // A draw decides what is done, or with which numbers; that two calls drew alike may be chance.
    const { random } = Math;
    overrides.set(Math, 'random', () => {
      this.unsettled ??= new CaptureError(
        'random numbers must not be drawn within the step, but be inputs',
        'Math.random',
      );
      return random();
    });
    const { createBindGroup } = device;
    overrides.set(device, 'createBindGroup', (descriptor) => {
      const group = createBindGroup.call(device, descriptor);
      const buffers = Array.from(descriptor.entries, ({ resource }) => (resource as GPUBufferBinding).buffer);
      if (buffers.some((buffer) => !buffer)) this.fail('the step must use buffers alone', 'a texture');
      else
        this.bound.set(
          group,
          buffers.map((buffer) => this.nameOf(buffer)),
        );
      return group;
    });
  }

  /** Commands from now on are not recorded, but what is released is still the recording's. */
  stopListening(): void {
    if (!this.listening) return;
    this.listening = false;
    flush(this.backend);
    this.overrides.undo();
    endRecording(this.backend);
  }

  stop(): void {
    this.memory.undo();
    this.backend.commandQueueOwnedIds = new WeakSet();
    for (const buffer of this.arena.foreign) this.pool.releaseBuffer(buffer);
  }

  /** From the encoder: a command, and what has to be the same in the next call. */
  add(command: Command, name: string, details: (number | object | undefined)[], buffers: BufferName[]): void {
    this.commands.push(command);
    this.trace.push({ kind: 'command', name, details, buffers });
  }

  /** What comes of the step needs no command: whose values it is has to be the same in the next call all the same. */
  gives(name: string, tensors: readonly Tensor[], structure?: string): void {
    const { tensorMap } = this.backend;
    const details = [structure, ...tensors.map(({ dtype, shape }) => `${dtype} ${shape}`)];
    const buffers = tensors.map(({ dataId }) => this.nameOf(tensorMap.get(dataId).resource!));
    this.trace.push({ kind: 'command', name, details, buffers });
  }

  buffersOf(group: GPUBindGroup): BufferName[] {
    return this.bound.get(group) ?? [];
  }

  nameOf(buffer: GPUBuffer): BufferName {
    const number = this.arena.numberOf(buffer);
    if (number !== undefined) return `#${number}`;
    this.persistent.add(buffer);
    return this.names.get(buffer) ?? buffer;
  }

  overwrites(dataId: DataId): void {
    const data = this.backend.tensorMap.get(dataId);
    const { resource } = data;
    if (!this.made.has(dataId)) this.overwritten.add(dataId);
    else if (resource && this.arena.isConstant(resource)) {
      // What the host uploaded once is there once: every replay needs a copy of its own to work on.
      const copy = this.arena.acquireBuffer(resource.size, resource.usage);
      this.backend.ensureCommandEncoderReady();
      this.backend.endComputePassEncoder();
      this.backend.commandEncoder!.copyBufferToBuffer(resource, 0, copy, 0, resource.size);
      data.resource = copy;
    }
  }

  private knows(dataId: DataId, buffer: GPUBuffer): void {
    this.buffers.set(dataId, buffer);
    const variable = this.variables.get(dataId);
    if (!variable) return;
    this.names.set(buffer, `variable ${variable.id}`);
    liesIn(buffer, dataId);
  }

  private upload(dataId: DataId, uploadToGPU: Backend['uploadToGPU']): void {
    const { backend } = this;
    const { resource, values, dtype, shape } = backend.tensorMap.get(dataId);
    if (!this.made.has(dataId) && !this.variables.has(dataId)) this.tensors.add(dataId);
    if (resource) return;
    if (this.made.has(dataId)) {
      if (values) this.trace.push({ kind: 'upload', dtype, shape, bytes: bytesOf(values) });
      uploadToGPU.call(backend, dataId);
      return;
    }
    // A tensor of the program stays where it comes now, and is filled at once, by no command.
    const { pool } = this;
    const own: BufferManager = {
      acquireBuffer: (size, usage, mapped) => pool.acquireBuffer(size, usage, mapped, !mapped),
      releaseBuffer: (buffer, reuse) => pool.releaseBuffer(buffer, reuse),
    };
    this.withManager(own, () => uploadToGPU.call(backend, dataId));
    this.knows(dataId, backend.tensorMap.get(dataId).resource!);
  }

  private withManager<T>(manager: BufferManager, work: () => T): T {
    const { backend } = this;
    const mine = backend.bufferManager;
    backend.bufferManager = manager;
    try {
      return work();
    } finally {
      backend.bufferManager = mine;
    }
  }

  private listenToReads(name: 'read' | 'readSync' | 'readToGPU'): void {
    const { backend } = this;
    const read = backend[name] as (dataId: DataId, ...rest: unknown[]) => unknown;
    this.overrides.set(backend, name, ((dataId: DataId, ...rest: unknown[]) => {
      const { values, shape } = backend.tensorMap.get(dataId);
      if (values && name !== 'readToGPU' && this.mayRead(dataId)) return read.call(backend, dataId, ...rest);
      this.failRead(shape);
      return this.withManager(this.pool, () => read.call(backend, dataId, ...rest));
    }) as never);
  }

  /** Whether the host may use values that it has: constants, or those of a variable, which are watched from then on. */
  private mayRead(dataId: DataId): boolean {
    if (this.made.has(dataId)) return true;
    const variable = this.variables.get(dataId);
    if (!variable) return false;
    const version = contentVersion(dataId);
    this.reads.push({ variable, dataId, version });
    this.trace.push({ kind: 'read', dataId, version });
    return true;
  }
}

const NOTHING = { add: () => NOTHING, has: () => false };

/** Hands everything that was recorded so far to the device. */
export function flush(backend: Backend): void {
  backend.endComputePassEncoder();
  if (backend.commandEncoder) backend.submitQueue();
}
