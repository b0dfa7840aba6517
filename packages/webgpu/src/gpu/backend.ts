// The parts of TF.js's WebGPU backend that are used here and that its types keep private. They are those of 4.22.
import type { backend_util, DataType, GPUData, TensorInfo } from '@tensorflow/tfjs-core';
import { WebgpuError } from '../errors.ts';
import { watchReads } from './contents.ts';

export interface TensorData {
  /** In the processor's memory: before an upload, or after a read. */
  values: ArrayLike<number> | null;
  resource: GPUBuffer | null;
  dtype: DataType;
  shape: number[];
  refCount: number;
}

export interface BufferManager {
  acquireBuffer(size: number, usage: number, mappedAtCreation?: boolean, reuse?: boolean): GPUBuffer;
  releaseBuffer(buffer: GPUBuffer, reuse?: boolean): void;
}

export interface Backend {
  readonly device: GPUDevice;
  queue: GPUQueue;
  bufferManager: BufferManager;
  readonly tensorMap: {
    get(dataId: object): TensorData;
    has(dataId: object): boolean;
    set(dataId: object, data: TensorData): void;
  };
  commandEncoder: GPUCommandEncoder | null;
  computePassEncoder: GPUComputePassEncoder | null;
  dispatchCountInPass: number;
  commandQueueOwnedIds: WeakSet<object>;
  uniformPendingDisposal: GPUBuffer[];
  activeTimers: { name: string; query: Promise<number> }[] | null;
  supportTimestampQuery: boolean;
  querySet: GPUQuerySet | null;
  querySetCount: number;
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
  getQueryTime(): Promise<number>;
  uploadToGPU(dataId: object): void;
  shouldExecuteOnCPU(inputs: TensorInfo[], sizeThreshold?: number): boolean;
  makeTensorInfo(shape: readonly number[], dtype: DataType): TensorInfo;
  runWebGPUProgram(
    program: object,
    inputs: TensorInfo[],
    dtype: DataType,
    uniforms?: object[],
    output?: TensorInfo,
  ): TensorInfo;
  disposeData(dataId: object, force?: boolean): boolean;
  incRef(dataId: object): void;
  read(dataId: object): Promise<backend_util.BackendValues>;
  readSync(dataId: object): backend_util.BackendValues;
  readToGPU(dataId: object): GPUData;
  convertAndCacheOnCPU(dataId: object, values: backend_util.BackendValues): backend_util.BackendValues;
}

const known = new WeakSet<object>();

const USED = ['bufferManager', 'tensorMap', 'uploadToGPU', 'ensureCommandEncoderReady', 'commandQueueOwnedIds'];

/** The same object, once it is known to have what is used here. */
export function internalsOf(backend: object): Backend {
  if (!known.has(backend)) {
    const missing = USED.filter((name) => !(name in backend));
    if (missing.length)
      throw new WebgpuError('internalsOf', 'the backend must be of tfjs-backend-webgpu 4.22', missing);
    known.add(backend);
    watchReads(backend as unknown as Backend);
  }
  return backend as unknown as Backend;
}
