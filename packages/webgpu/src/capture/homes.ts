// Where variables live: recorded commands refer to a variable by a buffer, so it has to stay in that one.
import { type DataId, type DataType, engine, type Variable } from '@tensorflow/tfjs-core';
import { withFloats } from '../gpu/as-float.ts';
import type { Backend } from '../gpu/backend.ts';
import type { BufferPool } from '../memory/buffer-pool.ts';

export interface Home {
  variable: Variable;
  buffer: GPUBuffer;
  /** Whether a replay gives it new values. */
  written: boolean;
}

/** Which data lies in a variable's buffer, or lay there last. */
const residents = new WeakMap<GPUBuffer, DataId>();

export function liesIn(buffer: GPUBuffer, dataId: DataId): void {
  residents.set(buffer, dataId);
}

/** Gives a variable data of its own in a buffer that already holds, or will hold, its values. */
export function settle(
  backend: Backend,
  pool: BufferPool,
  variable: Variable,
  buffer: GPUBuffer,
  held = backend.tensorMap.get(variable.dataId).dtype,
): void {
  const { shape, dtype } = variable;
  const info = backend.makeTensorInfo(shape, dtype);
  const data = backend.tensorMap.get(info.dataId);
  data.resource = buffer;
  data.dtype = held;
  pool.claim(buffer);
  liesIn(buffer, info.dataId);
  const tensor = engine().makeTensorFromTensorInfo(info, backend as never);
  variable.assign(tensor);
  tensor.dispose();
}

/** Before a replay: what somebody assigned moves in, and who shares the memory that will be overwritten moves out. */
export function bringHome(backend: Backend, pool: BufferPool, { variable, buffer, written }: Home): void {
  const { dataId } = variable;
  const data = backend.tensorMap.get(dataId);
  const isHome = data.resource === buffer;
  if (isHome && (!written || data.refCount === 1)) return;
  moveOut(backend, pool, buffer);
  const values = knownOf(backend, variable);
  if (!isHome) moveIn(backend, variable, buffer);
  settle(backend, pool, variable, buffer, heldBy(backend, variable));
  backend.tensorMap.get(variable.dataId).values = values;
}

/**
 * Gives a variable memory that is nobody else's, and that holds what its type says. Recorded commands know a variable by its
 * buffer: of two tensors in one buffer they could not tell which was meant.
 */
export function separate(backend: Backend, pool: BufferPool, variable: Variable): void {
  const { dataId, shape, dtype } = variable;
  const { refCount, resource, dtype: held } = backend.tensorMap.get(dataId);
  const type = heldBy(backend, variable);
  if (refCount === 1 && held === type) return;
  const values = knownOf(backend, variable);
  if (resource && held === type && residents.get(resource) === dataId) {
    // Recordings know the variable here: whoever shares the values moves out.
    moveOut(backend, pool, resource);
    settle(backend, pool, variable, resource, type);
  } else if (resource) {
    const buffer = pool.acquireBuffer(resource.size, resource.usage);
    moveIn(backend, variable, buffer);
    settle(backend, pool, variable, buffer, type);
  } else if (values) {
    const info = backend.makeTensorInfo(shape, dtype);
    backend.tensorMap.get(info.dataId).dtype = type;
    const tensor = engine().makeTensorFromTensorInfo(info, backend as never);
    variable.assign(tensor);
    tensor.dispose();
  } else return;
  backend.tensorMap.get(variable.dataId).values = values;
}

/** Copies a variable's values; numbers that TF.js cast without touching memory become what their type says. */
function moveIn(backend: Backend, variable: Variable, buffer: GPUBuffer): void {
  withFloats(backend, { values: variable }, ({ values }) => {
    const { dataId } = values!;
    backend.uploadToGPU(dataId);
    copy(backend, backend.tensorMap.get(dataId).resource!, buffer);
    backend.commandQueueOwnedIds.add(dataId);
  });
}

/** What a variable's own memory holds: float32 where it is of that type, whatever was cast to it. */
function heldBy(backend: Backend, { dataId, dtype }: Variable): DataType {
  return dtype === 'float32' ? dtype : backend.tensorMap.get(dataId).dtype;
}

/** Data that somebody else has of a variable's buffer stays as it is, in another one. */
export function moveOut(backend: Backend, pool: BufferPool, buffer: GPUBuffer): void {
  const resident = residents.get(buffer);
  if (!resident || !backend.tensorMap.has(resident)) return;
  const data = backend.tensorMap.get(resident);
  if (data.resource === buffer) data.resource = copyToNew(backend, pool, buffer);
}

/** A buffer with the same content, once the commands recorded so far have run. */
export function copyToNew(backend: Backend, pool: BufferPool, from: GPUBuffer): GPUBuffer {
  const to = pool.acquireBuffer(from.size, from.usage | GPUBufferUsage.COPY_DST);
  copy(backend, from, to);
  return to;
}

export function copy(backend: Backend, from: GPUBuffer, to: GPUBuffer): void {
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  backend.commandEncoder!.copyBufferToBuffer(from, 0, to, 0, to.size);
}

/** The values that the host has, as the variable's own memory holds them. */
function knownOf(backend: Backend, { dataId, dtype }: Variable): ArrayLike<number> | null {
  const { values, dtype: held } = backend.tensorMap.get(dataId);
  return values && dtype === 'float32' && held !== dtype ? Float32Array.from(values) : values;
}
