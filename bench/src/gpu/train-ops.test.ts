import { openTestBackend } from '@stridelab/test-kit/backends';
import { restore } from '@stridelab/webgpu/training';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, expect, it } from 'vitest';
import { TINY, timeTrainOps, trainOpsTable } from './train-ops.ts';

afterAll(restore);

it('times every operation, and ours take fewer dispatches', async () => {
  await openTestBackend('webgpu');
  const before = tf.memory().numTensors;
  const rows = await timeTrainOps(TINY, { rounds: 1, atLeast: 0, sets: 2 });
  expect(tf.memory().numTensors).toBe(before);
  expect(rows.map(({ ours }) => ours.dispatches)).toEqual([3, 6, 1, 1, 1, 3, 5, 5]);
  for (const { ours, stock, bytes } of rows) {
    expect(ours.dispatches).toBeLessThanOrEqual(stock.dispatches);
    for (const number of [bytes, ours.milliseconds, stock.milliseconds]) expect(Number.isFinite(number)).toBe(true);
  }
  expect(trainOpsTable(rows).split('\n')).toHaveLength(2 + rows.length);
});
