import { beforeEach, expect, it } from 'vitest';
import { BufferPool } from './buffer-pool.ts';

const USAGE = 128;
let alive: Set<GPUBuffer>;
const device = {
  createBuffer({ size, usage }: GPUBufferDescriptor) {
    const buffer = { size, usage, destroy: () => alive.delete(buffer as never) } as unknown as GPUBuffer;
    alive.add(buffer);
    return buffer;
  },
} as unknown as GPUDevice;
const bytes = () => [...alive].reduce((sum, { size }) => sum + size, 0);

beforeEach(() => {
  alive = new Set();
});

it('hands out again what was released, by size and usage', () => {
  const pool = new BufferPool(device);
  const [a, b] = [pool.acquireBuffer(8, USAGE), pool.acquireBuffer(8, 1)];
  pool.releaseBuffer(a);
  pool.releaseBuffer(b);
  expect(pool.acquireBuffer(8, USAGE)).toBe(a);
  expect(pool.acquireBuffer(8, USAGE)).not.toBe(b);
  expect(pool).toMatchObject({ numBytesUsed: 16, numBytesAllocated: 24 });
  expect([pool.getNumUsedBuffers(), pool.getNumFreeBuffers()]).toEqual([2, 1]);
  pool.releaseBuffer(a, false);
  expect(alive.has(a)).toBe(false);
  expect(pool).toMatchObject({ numBytesUsed: 8, numBytesAllocated: 16 });
  pool.dispose();
  expect(alive.size).toBe(0);
  pool.releaseBuffer(b);
});

it('keeps no more than a multiple of what was in use at once, and gives up the least recently used', () => {
  const pool = new BufferPool(device, { slack: 1.5, room: 0 });
  const held = [100, 100, 100].map((size, i) => pool.acquireBuffer(size + i, USAGE));
  for (const buffer of held) pool.releaseBuffer(buffer);
  // 303 were in use: 454 may be there.
  const fourth = pool.acquireBuffer(150, USAGE);
  expect(alive.size).toBe(4);
  pool.acquireBuffer(40, USAGE);
  expect([...alive]).toEqual([held[1], held[2], fourth, expect.anything()]);
  const [again] = [pool.acquireBuffer(101, USAGE)];
  expect(again).toBe(held[1]);
  expect(pool.numBytesAllocated).toBe(bytes());
});

it('is flat over steps of any sizes, and makes nothing anew in steps of one size', () => {
  const pool = new BufferPool(device, { room: 0 });
  const step = (size: number) => {
    const buffers = [1, 2, 3, 2].map((factor) => pool.acquireBuffer(4 * factor * size, USAGE));
    for (const buffer of buffers) pool.releaseBuffer(buffer);
  };
  for (let i = 0; i < 1000; i++) step(900 + ((i * 37) % 101));
  expect(bytes()).toBeLessThanOrEqual(1.25 * 4 * 8 * 1000);
  step(1000);
  const before = [...alive];
  for (let i = 0; i < 10; i++) step(1000);
  expect([...alive]).toEqual(before);
});

it('keeps what is held, until it is let go as often', () => {
  const pool = new BufferPool(device);
  const buffer = pool.acquireBuffer(8, USAGE);
  pool.hold(buffer);
  pool.hold(buffer);
  pool.releaseBuffer(buffer);
  expect(pool.acquireBuffer(8, USAGE)).not.toBe(buffer);
  pool.letGo(buffer);
  expect(pool.getNumFreeBuffers()).toBe(0);
  pool.claim(buffer); // in use again
  pool.letGo(buffer);
  expect(pool.getNumFreeBuffers()).toBe(0);
  pool.releaseBuffer(buffer);
  expect(pool.acquireBuffer(8, USAGE)).toBe(buffer);
});

it('takes over the buffers of a manager that was there before', () => {
  const make = (size: number) => device.createBuffer({ size, usage: USAGE });
  const [used, free] = [make(8), make(16)];
  const stock = { usedBuffers: new Map([['8', [used]]]), freeBuffers: new Map([['16', [free]]]) };
  const pool = new BufferPool(device, {}, stock);
  expect([...alive]).toEqual([used]);
  expect(pool).toMatchObject({ numBytesUsed: 8, numBytesAllocated: 8 });
  pool.releaseBuffer(used);
  expect(pool.acquireBuffer(8, USAGE)).toBe(used);
});

it('hands out no buffer without memory, and has whoever keeps memory give it back', () => {
  const pool = new BufferPool(device);
  const [spoiled, good] = [pool.acquireBuffer(8, USAGE), pool.acquireBuffer(8, USAGE)];
  const told: string[] = [];
  pool.whenFull(() => told.push('a'));
  const end = pool.whenFull(() => told.push('b'));
  pool.releaseBuffer(good);
  pool.releaseBuffer(spoiled);
  pool.full(spoiled);
  end();
  pool.full(pool.acquireBuffer(16, USAGE));
  expect(told).toEqual(['a', 'b', 'a']);
  expect(alive.has(spoiled)).toBe(false);
  expect(pool.getNumFreeBuffers()).toBe(1);
  expect(pool.numBytesAllocated).toBe(bytes());
  expect(pool.acquireBuffer(8, USAGE)).toBe(good);
});
