// Recorded steps on a device that runs out of memory, and how much memory they keep.
import { openTestBackend } from '@stridelab/test-kit';
import { takeGpuErrors } from '@stridelab/test-kit/backends';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { OutOfMemoryError } from '../errors.ts';
import { internalsOf } from '../gpu/backend.ts';
import { memoryOf } from '../memory/memory.ts';
import { type FullDevice, fullDevice } from '../testing/full-device.ts';
import { captureStep } from './capture-step.ts';
import { flush } from './recorder.ts';

const LARGE = 1e6;
let device: FullDevice;

beforeAll(async () => {
  await openTestBackend('webgpu');
  device = fullDevice(internalsOf(tf.backend()).device);
  return () => device.restore();
});
afterEach(async () => {
  device.room = Number.POSITIVE_INFINITY;
  await takeGpuErrors(); // of commands that named a buffer without memory
});
const pool = () => memoryOf(internalsOf(tf.backend()));

describe('where the device has no room', () => {
  it.each([0, 1, 2, 4])('call %i is an error, and the step is recorded anew', async (full) => {
    const captured = captureStep((x: tf.Tensor) => tf.mean(tf.mul(tf.fill([LARGE], 1), x)));
    for (let i = 0; i < 9; i++) {
      if (i === full) {
        captured.dispose(); // so that the call has to allocate
        pool().trimTo(0);
        device.room = 3e6;
        const result = captured(tf.tensor1d([i]));
        await expect(result.data()).rejects.toThrow(OutOfMemoryError);
        expect(captured.statistics).toMatchObject({ recordings: 0, bytes: 0 });
        device.room = Number.POSITIVE_INFINITY;
      } else expect([...(await captured(tf.tensor1d([i])).data())]).toEqual([i]);
    }
    expect(captured.statistics.replays).toBeGreaterThan(1);
    captured.dispose();
  });

  it('an input that cannot be brought there leaves nothing behind', () => {
    const captured = captureStep((x: tf.Tensor, y: tf.Tensor) => tf.add(x, y));
    const inputs = [tf.fill([10], 1), tf.fill([10], 2)] as const;
    const backend = internalsOf(tf.backend());
    const { uploadToGPU } = backend;
    const counts = () => [tf.memory().numTensors, pool().getNumUsedBuffers()];
    flush(backend); // which gives back the arguments of what ran before
    const before = counts();
    backend.uploadToGPU = (dataId) => {
      if (dataId === inputs[1].dataId) throw new RangeError('no room');
      uploadToGPU.call(backend, dataId);
    };
    expect(() => captured(...inputs)).toThrow('no room');
    Reflect.deleteProperty(backend, 'uploadToGPU');
    expect(counts()).toEqual(before);
    for (let i = 0; i < 3; i++) captured(...inputs).dispose();
    expect(captured.statistics.replays).toBe(1);
    captured.dispose();
    tf.dispose([...inputs]);
  });

  it('a recording that was made without room is forgotten, and so is every other one', async () => {
    const small = captureStep((x: tf.Tensor) => tf.add(x, 1));
    for (let i = 0; i < 3; i++) small(tf.ones([3])).dispose();
    const captured = captureStep((x: tf.Tensor) => tf.mean(tf.mul(tf.fill([LARGE], 1), x)));
    pool().trimTo(0);
    device.room = 3e6;
    const results = [1, 2, 3].map((i) => captured(tf.tensor1d([i])));
    expect(captured.statistics).toMatchObject({ recordings: 1, replays: 1 });
    const reads = await Promise.allSettled(results.map((result) => result.data()));
    expect(reads.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(captured.statistics).toMatchObject({ recordings: 0, bytes: 0 });
    expect(small.statistics).toMatchObject({ recordings: 0, bytes: 0 });
    device.room = Number.POSITIVE_INFINITY;
    for (let i = 1; i < 5; i++) expect([...(await captured(tf.tensor1d([i])).data())]).toEqual([i]);
    expect(captured.statistics).toMatchObject({ recordings: 1, replays: 3 });
    captured.dispose();
  });
});

describe('recordings that are not in use', () => {
  const step = (x: tf.Tensor) => tf.mul(tf.add(x, 1), 2);
  const three = (captured: typeof step, size: number) => {
    for (let i = 0; i < 3; i++) tf.tidy(() => void captured(tf.ones([size])));
  };

  it('hold no more than a few of them would', () => {
    const captured = captureStep(step);
    for (let i = 0; i < 8; i++) three(captured, 1000 + i);
    expect(captured.statistics.recordings).toBe(4); // the one in use, and three times as much
    three(captured, 10);
    expect(captured.statistics.recordings).toBeGreaterThanOrEqual(4);
    captured.dispose();
  });

  it('are given back where the step is refused', () => {
    let count = 0;
    const told: Error[] = [];
    const captured = captureStep((x: tf.Tensor) => tf.mul(x, x.size > 3 ? ++count : 2), {
      onRefused: (error) => told.push(error),
    });
    three(captured, 3);
    expect(captured.statistics).toMatchObject({ recordings: 1, replays: 1 });
    three(captured, 4);
    expect(told).toHaveLength(1);
    expect(captured.statistics).toMatchObject({ recordings: 0, bytes: 0 });
  });

  it('nor do calls that were listened to once, of which the newest few are kept', () => {
    const before = pool().numBytesUsed;
    const tables = Array.from({ length: 20 }, (_, i) => tf.fill([1000 + i], 1));
    const captured = captureStep((x: tf.Tensor) => tf.mul(tables[x.size - 1]!, tf.sum(x)));
    for (let i = 0; i < 20; i++) {
      tf.tidy(() => void captured(tf.ones([1 + i])));
      tables[i]!.dispose();
    }
    const held = pool().numBytesUsed - before;
    expect(held).toBeGreaterThan(4000);
    expect(held).toBeLessThan(10 * 4 * 1020);
    captured.dispose();
  });

  it('a call that differs counts from the one before, if that was of the same step', () => {
    let count = 0;
    const captured = captureStep((x: tf.Tensor) => (x.size > 3 && count++ % 2 ? tf.square(x) : tf.sum(x)));
    const call = (size: number) => tf.tidy(() => void captured(tf.ones([size])));
    for (let i = 0; i < 6; i++) {
      call(4);
      call(3);
    }
    for (let i = 0; i < 3; i++) call(4);
    expect(() => call(4)).toThrow(/the step must run the same operations in every call/);
    captured.dispose();
  });
});
