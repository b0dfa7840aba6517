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
