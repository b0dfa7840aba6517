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
