// Stands in for the device's queue: arguments of programs are noted, what else the host writes ends the recording.
import type { Recorder } from './recorder.ts';

export function recordingQueue(queue: GPUQueue, recorder: Recorder): GPUQueue {
  const writeBuffer: GPUQueue['writeBuffer'] = (buffer, offset, data, start, size) => {
    if (recorder.arena.isConstant(buffer)) {
      recorder.trace.push({ kind: 'arguments', bytes: bytesOf(data as ArrayBuffer) });
    } else recorder.fail('the host must write to no tensor that exists', { bytes: buffer.size });
    queue.writeBuffer(buffer, offset, data, start, size);
  };
  const others = (name: PropertyKey) => {
    recorder.fail('the step must use buffers and compute shaders alone', String(name));
    const value = Reflect.get(queue, name);
    return typeof value === 'function' ? value.bind(queue) : value;
  };
  const own: Partial<GPUQueue> = {
    writeBuffer,
    submit: (buffers) => queue.submit(buffers),
    onSubmittedWorkDone: () => queue.onSubmittedWorkDone(),
  };
  return new Proxy(own as GPUQueue, { get: (target, name) => Reflect.get(target, name) ?? others(name) });
}

export function bytesOf(values: ArrayLike<number> | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (values instanceof ArrayBuffer) return new Uint8Array(values.slice(0));
  if (ArrayBuffer.isView(values)) {
    const { buffer, byteOffset, byteLength } = values as Uint8Array;
    return new Uint8Array(buffer, byteOffset, byteLength).slice();
  }
  return new Uint8Array(Float32Array.from(values as ArrayLike<number>).buffer);
}
