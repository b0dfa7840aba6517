// What a recording consists of, and how it is handed to the device again.

export interface Dispatch {
  kind: 'dispatch';
  pipeline: GPUComputePipeline;
  bindGroup: GPUBindGroup;
  x: number;
  y: number;
  z: number;
}

export interface Copy {
  kind: 'copy';
  from: GPUBuffer;
  fromOffset: number;
  to: GPUBuffer;
  toOffset: number;
  size: number;
}

export interface Clear {
  kind: 'clear';
  buffer: GPUBuffer;
  offset: number | undefined;
  size: number | undefined;
}

export type Command = Dispatch | Copy | Clear;

export function copyOf(from: GPUBuffer, to: GPUBuffer): Copy {
  return { kind: 'copy', from, fromOffset: 0, to, toOffset: 0, size: to.size };
}

/** As few passes as the copies in between allow; with `describe`, a pass for each dispatch. */
export function encode(
  commands: readonly Command[],
  encoder: GPUCommandEncoder,
  describe?: (dispatch: Dispatch) => GPUComputePassDescriptor,
): void {
  let pass: GPUComputePassEncoder | undefined;
  let pipeline: GPUComputePipeline | undefined;
  for (const command of commands) {
    if (command.kind === 'dispatch') {
      if (!pass) {
        pass = encoder.beginComputePass(describe?.(command));
        pipeline = undefined;
      }
      if (command.pipeline !== pipeline) {
        pipeline = command.pipeline;
        pass.setPipeline(pipeline);
      }
      pass.setBindGroup(0, command.bindGroup);
      pass.dispatchWorkgroups(command.x, command.y, command.z);
      if (!describe) continue;
    }
    pass?.end();
    pass = undefined;
    if (command.kind === 'copy') {
      encoder.copyBufferToBuffer(command.from, command.fromOffset, command.to, command.toOffset, command.size);
    } else if (command.kind === 'clear') encoder.clearBuffer(command.buffer, command.offset, command.size);
  }
  pass?.end();
}
