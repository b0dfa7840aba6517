// A backend's memory: bounded, and with a named error where there is too little of it.
import { OutOfMemoryError } from '../errors.ts';
import type { Backend } from '../gpu/backend.ts';
import { BufferPool, type BufferPoolOptions } from './buffer-pool.ts';

/** Below it a buffer is made without asking whether there was room: asking costs more than it is worth. */
const LARGE = 1 << 20;

const memories = new WeakMap<Backend, Memory>();

/** The memory of a backend, which from then on is bounded. */
export function memoryOf(backend: Backend, options?: Pick<BufferPoolOptions, 'slack'>): BufferPool {
  let memory = memories.get(backend);
  if (!memory) {
    memory = new Memory(backend, options);
    memories.set(backend, memory);
  }
  return memory.pool;
}

/** A read under way: after how many allocations it began, and what went wrong with those. */
interface Read {
  after: number;
  failure: OutOfMemoryError | undefined;
}

class Memory {
  readonly pool: BufferPool;
  private readonly backend: Backend;
  /** Allocations of which it is not known yet whether they succeeded. */
  private readonly asking = new Set<Promise<void>>();
  /** How many there were. */
  private allocations = 0;
  private readonly reads = new Set<Read>();
  /** Of an allocation that no read was begun after yet. */
  private failure: OutOfMemoryError | undefined;

  constructor(backend: Backend, options: Pick<BufferPoolOptions, 'slack'> = {}) {
    this.backend = backend;
    const { device } = backend;
    this.pool = new BufferPool(
      device,
      {
        ...options,
        check: (size, usage) => checkLimits(device, size, usage),
        create: (descriptor) => this.create(descriptor),
      },
      backend.bufferManager as object,
    );
    backend.bufferManager = this.pool;
    this.guardReads();
  }

  private create(descriptor: GPUBufferDescriptor): GPUBuffer {
    const { device } = this.backend;
    if (descriptor.size < LARGE) return device.createBuffer(descriptor);
    device.pushErrorScope('out-of-memory');
    let buffer: GPUBuffer;
    try {
      buffer = device.createBuffer(descriptor);
    } catch (error) {
      // A buffer that is mapped at once needs room on the processor too.
      void device.popErrorScope().catch(() => {});
      if (error instanceof RangeError) throw this.fullError(descriptor.size, 0);
      throw error;
    }
    const count = ++this.allocations;
    const asking = device.popErrorScope().then(
      async (error) => {
        if (!error) return;
        this.pool.full(buffer);
        this.fail(this.fullError(descriptor.size, await this.largestThatFits(descriptor)), count);
      },
      () => {}, // the device is lost, which has its own error
    );
    this.asking.add(asking);
    void asking.finally(() => this.asking.delete(asking));
    return buffer;
  }

  private fullError(asked: number, fits: number): OutOfMemoryError {
    const { numBytesUsed, numBytesAllocated } = this.pool;
    const detail = `(${numBytesUsed} bytes are in use, ${numBytesAllocated - numBytesUsed} more are kept for reuse)`;
    return new OutOfMemoryError(asked, fits, detail);
  }

  /** Tries, with what was kept for reuse given back. */
  private async largestThatFits({ size, usage }: GPUBufferDescriptor): Promise<number> {
    const { device } = this.backend;
    this.pool.trimTo(0);
    for (let less = Math.floor(size / 8) * 4; less >= LARGE; less = Math.floor(less / 8) * 4) {
      device.pushErrorScope('out-of-memory');
      const buffer = device.createBuffer({ size: less, usage });
      const error = await device.popErrorScope();
      buffer.destroy();
      if (!error) return less;
    }
    return 0;
  }

  /** All that was begun after an allocation without room reads what may depend on it; if nothing was, the next one does. */
  private fail(failure: OutOfMemoryError, allocation: number): void {
    const reads = [...this.reads].filter(({ after }) => after >= allocation);
    for (const read of reads) read.failure ??= failure;
    if (!reads.length) this.failure ??= failure;
  }

  /** What a step without room computed is worth nothing: whoever reads it hears why. Then the program may try less. */
  private guardReads(): void {
    const { backend } = this;
    const { read } = backend;
    backend.read = async (dataId) => {
      const here = backend.tensorMap.has(dataId) && backend.tensorMap.get(dataId).values;
      const reading = read.call(backend, dataId);
      if (here) return reading;
      const heard: Read = { after: this.allocations, failure: this.failure };
      this.failure = undefined;
      this.reads.add(heard);
      const [outcome] = await Promise.allSettled([reading]);
      await Promise.all(this.asking);
      this.reads.delete(heard);
      if (heard.failure) throw heard.failure; // the cause of whatever else went wrong
      if (outcome.status === 'rejected') throw outcome.reason;
      return outcome.value;
    };
  }
}

/** What no device of this kind takes, whatever memory it has. */
function checkLimits({ limits }: GPUDevice, size: number, usage: number): void {
  const { maxBufferSize, maxStorageBufferBindingSize } = limits;
  const largest = usage & GPUBufferUsage.STORAGE ? Math.min(maxBufferSize, maxStorageBufferBindingSize) : maxBufferSize;
  if (size <= largest) return;
  throw new OutOfMemoryError(size, largest, '(the limit of the device, maxBufferSize or maxStorageBufferBindingSize)');
}
