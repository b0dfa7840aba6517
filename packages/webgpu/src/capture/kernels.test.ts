// Recorded steps and the kernels that they are made of.
import { openTestBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { registerWebgpuTraining, restore, setPrecision } from '../training.ts';
import { captureStep } from './capture-step.ts';

beforeAll(() => openTestBackend('webgpu'));
afterAll(() => {
  setPrecision('fast');
  restore();
});

it('are recorded anew with another precision, and where kernels are registered or put back', () => {
  const captured = captureStep((x: tf.Tensor) => tf.matMul(x as tf.Tensor2D, x as tf.Tensor2D));
  const x = tf.ones([4, 4]);
  const three = () => {
    for (let i = 0; i < 3; i++) captured(x).dispose();
    return captured.statistics;
  };
  registerWebgpuTraining();
  expect(three()).toMatchObject({ recordings: 1, replays: 1 });
  setPrecision('exact');
  expect(three()).toMatchObject({ recordings: 2, replays: 2 });
  setPrecision('fast');
  expect(three()).toMatchObject({ recordings: 2, replays: 5 });
  restore();
  expect(three()).toMatchObject({ recordings: 3, replays: 6 });
  registerWebgpuTraining();
  expect(three()).toMatchObject({ recordings: 3, replays: 9 });
  captured.dispose();
  x.dispose();
});

it.each<[string, (at: tf.Tensor, values: tf.Tensor) => tf.Tensor]>([
  ['sparseToDense', (at, values) => tf.sparseToDense(at, values, [5], 0)],
  ['tensorScatterUpdate', (at, values) => tf.tensorScatterUpdate(tf.tensor1d([0, 0, 0, 0, 0]), at, values)],
])('that write into what the host has filled find it as it was in every replay: %s', async (_, step) => {
  const captured = captureStep(step);
  for (let i = 0; i < 5; i++) {
    const given = tf.tidy(() => captured(tf.tensor2d([[i]], [1, 1], 'int32'), tf.tensor1d([i + 1])));
    expect([...(await given.data())]).toEqual([0, 1, 2, 3, 4].map((at) => (at === i ? i + 1 : 0)));
    given.dispose();
  }
  expect(captured.statistics.replays).toBe(3);
  captured.dispose();
});
