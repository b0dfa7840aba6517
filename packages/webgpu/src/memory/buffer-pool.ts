// The device's buffers. TF.js keeps every buffer that it ever made; here what is free is bounded.
import type { BufferManager } from '../gpu/backend.ts';

export interface BufferPoolOptions {
  /**
   * How much may be allocated, as a multiple of the most that was ever in use at once. What is free beyond that is given
   * back, the least recently used first. Default 1.25: steps of one shape reuse all of their buffers, and steps whose shapes
   * vary do not pile them up.
   */
  slack?: number;
  /** Bytes that may be free in any case, so that small programs have the same ease. Default 16 MiB. */
  room?: number;
  /** Refuses what cannot be made. */
  check?: (size: number, usage: number) => void;
  /** Default: as the device does. */
  create?: (descriptor: GPUBufferDescriptor) => GPUBuffer;
}

/** TF.js's own buffer manager, as far as its buffers are taken over. */
interface StockManager {
  freeBuffers?: Map<string, GPUBuffer[]>;
  usedBuffers?: Map<string, GPUBuffer[]>;
}

const SLACK = 1.25;
const ROOM = 16 * 2 ** 20;

export class BufferPool implements BufferManager {
  numBytesUsed = 0;
  numBytesAllocated = 0;
  /** As in {@link BufferPoolOptions}. */
  slack: number;
  room: number;
  private readonly device: GPUDevice;
  private readonly options: BufferPoolOptions;
  private readonly used = new Set<GPUBuffer>();
  /** Oldest first, in each list and over all. */
  private readonly free = new Map<string, GPUBuffer[]>();
  private readonly byAge = new Set<GPUBuffer>();
  /** Buffers that commands recorded for later refer to, and how many recordings do. */
  private readonly holds = new Map<GPUBuffer, number>();
  /** Released while somebody held them. */
  private readonly parked = new Set<GPUBuffer>();
  /** Never to be used again. */
  private readonly spoiled = new WeakSet<GPUBuffer>();
  private readonly keepers = new Set<() => void>();
  private mostUsed = 0;

  constructor(device: GPUDevice, options: BufferPoolOptions = {}, before: StockManager = {}) {
    this.device = device;
    this.options = options;
    this.slack = options.slack ?? SLACK;
    this.room = options.room ?? ROOM;
    for (const buffer of [...(before.usedBuffers?.values() ?? [])].flat()) this.use(buffer);
    for (const buffer of [...(before.freeBuffers?.values() ?? [])].flat()) buffer.destroy();
    this.numBytesAllocated = this.numBytesUsed;
  }

  acquireBuffer(size: number, usage: number, mappedAtCreation = false, reuse = true): GPUBuffer {
    const recycled = reuse ? this.free.get(keyOf(size, usage))?.pop() : undefined;
    if (recycled) this.byAge.delete(recycled);
    const buffer = recycled ?? this.create(size, usage, mappedAtCreation);
    this.use(buffer);
    if (!recycled) this.trimTo(Math.max(this.mostUsed * this.slack, this.mostUsed + this.room));
    return buffer;
  }

  private create(size: number, usage: number, mappedAtCreation: boolean): GPUBuffer {
    this.options.check?.(size, usage);
    const descriptor = { size, usage, mappedAtCreation };
    const buffer = this.options.create?.(descriptor) ?? this.device.createBuffer(descriptor);
    this.numBytesAllocated += size;
    return buffer;
  }

  private use(buffer: GPUBuffer): void {
    this.used.add(buffer);
    this.numBytesUsed += buffer.size;
    this.mostUsed = Math.max(this.mostUsed, this.numBytesUsed);
  }

  releaseBuffer(buffer: GPUBuffer, reuse = true): void {
    if (!this.used.has(buffer)) return; // after dispose
    if (this.holds.has(buffer)) {
      this.parked.add(buffer);
      return;
    }
    this.used.delete(buffer);
    this.numBytesUsed -= buffer.size;
    if (reuse && !this.spoiled.has(buffer)) {
      const key = keyOf(buffer.size, buffer.usage);
      const list = this.free.get(key);
      if (list) list.push(buffer);
      else this.free.set(key, [buffer]);
      this.byAge.add(buffer);
    } else this.destroy(buffer);
  }

  /** Keeps a buffer in use, whoever releases it, until it is let go as many times. */
  hold(buffer: GPUBuffer): void {
    this.holds.set(buffer, (this.holds.get(buffer) ?? 0) + 1);
  }

  letGo(buffer: GPUBuffer): void {
    const count = (this.holds.get(buffer) ?? 0) - 1;
    if (count > 0) this.holds.set(buffer, count);
    else {
      this.holds.delete(buffer);
      if (this.parked.delete(buffer)) this.releaseBuffer(buffer);
    }
  }

  /** Takes a buffer that somebody released and somebody holds for a tensor again. */
  claim(buffer: GPUBuffer): void {
    this.parked.delete(buffer);
  }

  /** Keeps a buffer that has no memory from being handed out again. */
  spoil(buffer: GPUBuffer): void {
    this.spoiled.add(buffer);
    if (!this.byAge.delete(buffer)) return;
    const key = keyOf(buffer.size, buffer.usage);
    const rest = this.free.get(key)!.filter((other) => other !== buffer);
    if (rest.length) this.free.set(key, rest);
    else this.free.delete(key);
    this.destroy(buffer);
  }

  /** Calls `forget` when the device has no room: whoever keeps memory to be faster gives it back. Returns what ends this. */
  whenFull(forget: () => void): () => void {
    this.keepers.add(forget);
    return () => void this.keepers.delete(forget);
  }

  /** There was no room for a buffer. */
  full(buffer: GPUBuffer): void {
    this.spoil(buffer);
    for (const forget of [...this.keepers]) forget();
  }

  /** Destroys free buffers, the least recently used first, until no more than `bytes` are allocated or none is left. */
  trimTo(bytes: number): void {
    for (const buffer of this.byAge) {
      if (this.numBytesAllocated <= bytes) return;
      this.byAge.delete(buffer);
      const key = keyOf(buffer.size, buffer.usage);
      const list = this.free.get(key)!;
      list.shift(); // the oldest of its list, since it is the oldest of all
      if (!list.length) this.free.delete(key);
      this.destroy(buffer);
    }
  }

  private destroy(buffer: GPUBuffer): void {
    buffer.destroy();
    this.numBytesAllocated -= buffer.size;
  }

  getNumUsedBuffers(): number {
    return this.used.size;
  }

  getNumFreeBuffers(): number {
    return this.byAge.size;
  }

  dispose(): void {
    for (const buffer of [...this.used, ...this.byAge]) buffer.destroy();
    for (const list of [this.used, this.byAge, this.free, this.holds, this.parked]) list.clear();
    this.numBytesUsed = this.numBytesAllocated = 0;
  }
}

function keyOf(size: number, usage: number): string {
  return `${size}/${usage}`;
}
