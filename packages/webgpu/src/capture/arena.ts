// The memory of one recording: buffers that its commands refer to by name, and which nobody else touches while it lives.
import type { BufferManager } from '../gpu/backend.ts';
import type { BufferPool } from '../memory/buffer-pool.ts';

export class Arena implements BufferManager {
  /** Buffers that are not of this arena and were released while it was in charge. */
  readonly foreign = new Set<GPUBuffer>();
  private readonly pool: BufferPool;
  private readonly owned = new Set<GPUBuffer>();
  /** What holds in every replay what it held in the recording; never recycled. */
  private readonly constants = new Set<GPUBuffer>();
  private readonly inputs = new Set<GPUBuffer>();
  private readonly free = new Map<string, GPUBuffer[]>();
  private readonly numbers = new Map<GPUBuffer, number>();
  private count = 0;

  constructor(pool: BufferPool) {
    this.pool = pool;
  }

  /** Buffers that the host fills stay as they are; the others are recycled in the order of the commands. */
  acquireBuffer(size: number, usage: number, mappedAtCreation = false, reuse = true): GPUBuffer {
    const constant = mappedAtCreation || !reuse || (usage & GPUBufferUsage.STORAGE) === 0;
    const recycled = constant ? undefined : this.free.get(`${size}/${usage}`)?.pop();
    const buffer = recycled ?? this.pool.acquireBuffer(size, usage, mappedAtCreation, reuse && !mappedAtCreation);
    this.owned.add(buffer);
    if (constant) this.constants.add(buffer);
    this.numbers.set(buffer, this.count++);
    return buffer;
  }

  /** For what each replay brings: nobody else's, and yet to be overwritten. */
  acquireInput(size: number, usage: number): GPUBuffer {
    const buffer = this.acquireBuffer(size, usage);
    this.inputs.add(buffer);
    return buffer;
  }

  releaseBuffer(buffer: GPUBuffer): void {
    if (!this.owned.has(buffer)) this.foreign.add(buffer);
    else if (!this.constants.has(buffer) && !this.inputs.has(buffer)) {
      const key = `${buffer.size}/${buffer.usage}`;
      const list = this.free.get(key);
      if (list) list.push(buffer);
      else this.free.set(key, [buffer]);
    }
  }

  owns(buffer: GPUBuffer): boolean {
    return this.owned.has(buffer);
  }

  isConstant(buffer: GPUBuffer): boolean {
    return this.constants.has(buffer);
  }

  /** Tells apart what a buffer was acquired for, whichever buffer it was: the same in two recordings of one step. */
  numberOf(buffer: GPUBuffer): number | undefined {
    return this.numbers.get(buffer);
  }

  get bytes(): number {
    let sum = 0;
    for (const { size } of this.owned) sum += size;
    return sum;
  }

  /** Gives everything back. */
  dispose(): void {
    for (const buffer of this.owned) {
      const mappable = (buffer.usage & (GPUBufferUsage.MAP_READ | GPUBufferUsage.MAP_WRITE)) !== 0;
      this.pool.releaseBuffer(buffer, !mappable);
    }
    this.owned.clear();
    this.constants.clear();
    this.free.clear();
    this.numbers.clear();
  }
}
