// A device that is full at times: what is too large then becomes a buffer without memory, as on a real one.

export interface FullDevice {
  /** Bytes of the largest buffer that there is room for. */
  room: number;
  restore(): void;
}

/** No usage that there is: a buffer made for it is invalid, and so is every command that names it. */
const NO_USAGE = 0x10000;

export function fullDevice(device: GPUDevice): FullDevice {
  const { createBuffer, pushErrorScope } = device;
  const full: FullDevice = {
    room: Number.POSITIVE_INFINITY,
    restore() {
      void device.popErrorScope();
      for (const name of ['createBuffer', 'pushErrorScope']) Reflect.deleteProperty(device, name);
    },
  };
  pushErrorScope.call(device, 'validation'); // or each of those commands would be printed
  device.createBuffer = (descriptor) => {
    const usage = descriptor.size > full.room ? descriptor.usage | NO_USAGE : descriptor.usage;
    return createBuffer.call(device, { ...descriptor, usage });
  };
  device.pushErrorScope = (filter) => pushErrorScope.call(device, filter === 'out-of-memory' ? 'validation' : filter);
  return full;
}
