// Stands in for the encoders that TF.js's commands go to: passes them on, and notes them.
import type { Dispatch } from './commands.ts';
import type { Recorder } from './recorder.ts';

/** What is used of GPUCommandEncoder. Anything else ends the recording with an error, once the step is done. */
export class RecordingEncoder {
  private readonly encoder: GPUCommandEncoder;
  private readonly recorder: Recorder;

  constructor(encoder: GPUCommandEncoder, recorder: Recorder) {
    this.encoder = encoder;
    this.recorder = recorder;
    // biome-ignore lint/correctness/noConstructorReturn: a method that is not here is known by being asked for
    return new Proxy(this, {
      get: (target, name) => {
        if (Reflect.has(target, name)) return Reflect.get(target, name);
        recorder.fail('the step must use buffers and compute shaders alone', String(name));
        const value = Reflect.get(encoder, name);
        return typeof value === 'function' ? value.bind(encoder) : value;
      },
    });
  }

  beginComputePass(descriptor?: GPUComputePassDescriptor): RecordingPass {
    return new RecordingPass(this.encoder.beginComputePass(descriptor), this.recorder);
  }

  copyBufferToBuffer(from: GPUBuffer, fromOffset: number, to: GPUBuffer, toOffset: number, size: number): void {
    const { recorder } = this;
    const names = [recorder.nameOf(from), recorder.nameOf(to)];
    recorder.add({ kind: 'copy', from, fromOffset, to, toOffset, size }, 'copy', [fromOffset, toOffset, size], names);
    this.encoder.copyBufferToBuffer(from, fromOffset, to, toOffset, size);
  }

  clearBuffer(buffer: GPUBuffer, offset?: number, size?: number): void {
    const { recorder } = this;
    recorder.add({ kind: 'clear', buffer, offset, size }, 'clear', [offset, size], [recorder.nameOf(buffer)]);
    this.encoder.clearBuffer(buffer, offset, size);
  }

  finish(): GPUCommandBuffer {
    return this.encoder.finish();
  }
}

class RecordingPass {
  private readonly pass: GPUComputePassEncoder;
  private readonly recorder: Recorder;
  private pipeline: GPUComputePipeline | undefined;
  private bindGroup: GPUBindGroup | undefined;

  constructor(pass: GPUComputePassEncoder, recorder: Recorder) {
    this.pass = pass;
    this.recorder = recorder;
  }

  setPipeline(pipeline: GPUComputePipeline): void {
    this.pipeline = pipeline;
    this.pass.setPipeline(pipeline);
  }

  setBindGroup(index: number, bindGroup: GPUBindGroup, offsets?: Iterable<number>): void {
    if (index > 0 || offsets) this.recorder.fail('a program must have one bind group', index);
    this.bindGroup = bindGroup;
    if (offsets) this.pass.setBindGroup(index, bindGroup, offsets);
    else this.pass.setBindGroup(index, bindGroup);
  }

  dispatchWorkgroups(x: number, y = 1, z = 1): void {
    const { recorder, pipeline, bindGroup } = this;
    const command = { kind: 'dispatch', pipeline: pipeline!, bindGroup: bindGroup!, x, y, z } satisfies Dispatch;
    recorder.add(command, pipeline!.label, [pipeline, x, y, z], recorder.buffersOf(bindGroup!));
    this.pass.dispatchWorkgroups(x, y, z);
  }

  end(): void {
    this.pass.end();
  }
}
