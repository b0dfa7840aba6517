// Runs a program among the commands of TF.js's backend.
import { env, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Backend } from './backend.ts';
import { contentChanged } from './contents.ts';
import { type Program, pipelineOf, uniformBytes } from './program.ts';
import { recordingOn } from './recordings.ts';

export type Workgroups = readonly [number, number, number];

export interface DispatchOptions {
  /** One for each of the program's bindings. Those that it writes come from {@link output} or {@link inPlace}. */
  tensors: Readonly<Record<string, TensorInfo>>;
  uniforms?: Readonly<Record<string, number>>;
  workgroups: Workgroups;
}

/** A tensor on the device whose values are yet to be written. */
export function output(backend: Backend, shape: readonly number[], dtype: 'float32' | 'int32' = 'float32'): TensorInfo {
  const info = backend.makeTensorInfo(shape, dtype);
  // TF.js takes an empty tensor's values from the processor.
  if (util.sizeFromShape(info.shape) === 0)
    backend.tensorMap.get(info.dataId).values = util.getTypedArrayFromDType(dtype, 0);
  else backend.uploadToGPU(info.dataId);
  return info;
}

/** A tensor's own memory as the output of a kernel that overwrites it; another owner of it sees the new values too. */
export function inPlace(backend: Backend, { dataId, shape, dtype }: TensorInfo): TensorInfo {
  backend.uploadToGPU(dataId);
  contentChanged(backend, dataId);
  recordingOn(backend)?.overwrites(dataId);
  backend.incRef(dataId);
  return { dataId, shape, dtype };
}

/** Records one dispatch; TF.js submits it with its own. */
export function dispatch(backend: Backend, program: Program, options: DispatchOptions): void {
  const { tensors, uniforms = {}, workgroups } = options;
  if (workgroups.includes(0)) return;
  const { device } = backend;
  const pipeline = pipelineOf(device, program);
  const buffers = Object.keys(program.bindings).map((name) => {
    const { dataId } = tensors[name]!;
    backend.uploadToGPU(dataId);
    backend.commandQueueOwnedIds.add(dataId);
    return backend.tensorMap.get(dataId).resource!;
  });
  if (program.uniforms) buffers.push(uniformBuffer(backend, uniformBytes(program, uniforms)));
  const bindGroup = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
  });
  inPass(backend, program.name, (pass) => {
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(...workgroups);
  });
}

function uniformBuffer(backend: Backend, bytes: ArrayBuffer): GPUBuffer {
  const usage = GPUBufferUsage.COPY_DST | GPUBufferUsage.UNIFORM;
  const buffer = backend.bufferManager.acquireBuffer(bytes.byteLength, usage);
  backend.queue.writeBuffer(buffer, 0, bytes);
  backend.uniformPendingDisposal.push(buffer);
  return buffer;
}

/** Under `tf.time`, each dispatch has a pass of its own with timestamps, as TF.js's own have. */
function inPass(backend: Backend, name: string, record: (pass: GPUComputePassEncoder) => void): void {
  backend.ensureCommandEncoderReady();
  const timed = backend.activeTimers !== null && backend.activeTimers !== undefined;
  if (timed && backend.supportTimestampQuery) {
    backend.endComputePassEncoder();
    backend.querySet ??= backend.device.createQuerySet({ type: 'timestamp', count: backend.querySetCount });
    const timestampWrites = { querySet: backend.querySet, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 };
    backend.computePassEncoder = backend.commandEncoder!.beginComputePass({ timestampWrites });
  }
  backend.computePassEncoder ??= backend.commandEncoder!.beginComputePass();
  record(backend.computePassEncoder);
  backend.dispatchCountInPass++;
  if (timed) {
    backend.endComputePassEncoder();
    backend.activeTimers!.push({ name, query: backend.getQueryTime() });
  } else if (backend.dispatchCountInPass >= env().getNumber('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE')) {
    backend.endComputePassEncoder();
    backend.submitQueue();
  }
}
