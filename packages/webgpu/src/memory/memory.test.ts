// The memory of a real device: Dawn on SwiftShader.
import { expectNamedError, openTestBackend } from '@stridelab/test-kit';
import { takeGpuErrors } from '@stridelab/test-kit/backends';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { OutOfMemoryError } from '../errors.ts';
import { internalsOf } from '../gpu/backend.ts';
import { type FullDevice, fullDevice } from '../testing/full-device.ts';
import { registerWebgpuTraining } from '../training.ts';
import { memoryOf } from './memory.ts';

beforeAll(async () => {
  await openTestBackend('webgpu');
  registerWebgpuTraining();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const backend = () => internalsOf(tf.backend());

it('is bounded from the first of our kernels on, what was there before included', async () => {
  const stock = backend().bufferManager;
  const x = tf.add(tf.ones([16]), 1);
  tf.engine().runKernel('StridelabSoftmaxCrossEntropy', { logits: tf.ones([1, 2]), labels: tf.ones([1, 2]) }, {
    labelSmoothing: 0,
  } as never);
  const pool = backend().bufferManager;
  expect(pool).not.toBe(stock);
  expect(pool).toBe(memoryOf(backend()));
  await expect(tf.add(x, 1)).toBeAllClose(tf.fill([16], 3));
  x.dispose();
});

it('is flat over 1,000 steps whose shapes vary', async () => {
  const weights = tf.variable(tf.ones([64]));
  memoryOf(backend()).room = 0;
  const before = tf.memory();
  const allocated: number[] = [];
  for (let i = 0; i < 1000; i++) {
    tf.tidy(() => {
      const x = tf.fill([30 + ((i * 7) % 23), 64], i);
      weights.assign(tf.mul(weights, 0.5) as never);
      return tf.square(tf.relu(tf.mul(x, weights)));
    }).dispose();
    if (i % 50 === 49) await weights.data();
    allocated.push((tf.memory() as unknown as { numBytesAllocatedInGPU: number }).numBytesAllocatedInGPU);
  }
  const most = (list: number[]) => Math.max(...list);
  expect(most(allocated.slice(500))).toBeLessThanOrEqual(1.05 * most(allocated.slice(0, 200)));
  expect(tf.memory().numTensors).toBe(before.numTensors);
  weights.dispose();
});

it('says how much was asked for and what would fit, where the device has no room', async () => {
  const { device } = backend();
  // A device with room for 5 MB.
  const { createBuffer, popErrorScope } = device;
  let last = 0;
  vi.spyOn(device, 'createBuffer').mockImplementation((descriptor) => {
    last = descriptor.size;
    return createBuffer.call(device, descriptor);
  });
  vi.spyOn(device, 'popErrorScope').mockImplementation(async () => {
    const tooMuch = last > 5e6;
    const error = await popErrorScope.call(device);
    return tooMuch ? ({ message: 'no room' } as GPUError) : error;
  });
  const used = memoryOf(backend()).numBytesUsed;
  const read = () => tf.tidy(() => tf.sum(tf.fill([16e6 / 4], 1))).data();
  const rule =
    /^webgpu\.memory: a buffer must fit into the device, where 4000000 bytes would \((\d+) bytes are in use, \d+ more are kept for reuse\), got 16000000$/;
  await expectNamedError(read, OutOfMemoryError, rule);
  expect(memoryOf(backend()).numBytesUsed).toBeLessThan(used + 1e6);
  // A program may go on with less, and does not get the buffer that is none.
  expect((await tf.tidy(() => tf.sum(tf.fill([1e6], 1))).data())[0]).toBe(1e6);
  await expectNamedError(read, OutOfMemoryError, rule);
});

it('names a buffer that the device never takes', async () => {
  const { maxBufferSize, maxStorageBufferBindingSize } = backend().device.limits;
  const largest = Math.min(maxBufferSize, maxStorageBufferBindingSize);
  const size = largest / 4 + 1;
  const rule = `webgpu.memory: a buffer must fit into the device, where ${largest} bytes would (the limit of the device, maxBufferSize or maxStorageBufferBindingSize), got ${4 * size}`;
  await expectNamedError(() => tf.fill([size], 1), OutOfMemoryError, rule);
});

describe('of reads under way when it is known that there was no room', () => {
  let device: FullDevice;
  beforeEach(() => {
    device = fullDevice(backend().device);
    memoryOf(backend()).trimTo(0);
    device.room = 3e6;
    return async () => {
      device.restore();
      await takeGpuErrors();
    };
  });
  const large = () => tf.tidy(() => tf.sum(tf.fill([1e6], 1)));

  it('each hears it that began after the allocation, and none before', async () => {
    const before = tf.tidy(() => tf.add(tf.fill([2], 1), 1));
    const first = before.data();
    const [a, b] = [large(), large()];
    const [outcome, ...later] = await Promise.allSettled([first, a.data(), b.data(), a.data()]);
    expect(outcome).toMatchObject({ status: 'fulfilled', value: new Float32Array([2, 2]) });
    for (const { status, reason } of later as PromiseRejectedResult[]) {
      expect(status).toBe('rejected');
      expect(reason).toBeInstanceOf(OutOfMemoryError);
    }
  });

  it('the next one hears it if there was none', async () => {
    const result = large();
    await takeGpuErrors();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await expect(result.data()).rejects.toThrow(OutOfMemoryError);
    device.room = Number.POSITIVE_INFINITY;
    await expect(large()).toBeAllClose(1e6);
  });
});
