import '../../index.ts';
import { openTestBackend } from '@stridelab/test-kit';
import { testSums } from '@stridelab/test-kit/kernels/sums';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { expectParity, random } from '../../testing/parity.ts';

testSums('webgpu');

it('sums all of many rows with small error', async () => {
  await openTestBackend('webgpu');
  await expect(tf.sum(tf.fill([200_000, 4], 0.1))).toBeAllClose(80_000, { relative: 1e-6 });
});

it.each([
  [[0, 3], [0]],
  [[2, 0, 3], [1]],
  [[3, 0], [1]],
  [[0, 3], [1]],
] as [number[], number[]][])('means and sums of nothing are zeros: of %j over %j', async (shape, axes) => {
  await expectParity([random(shape)], (x) => [tf.mean(x!, axes), tf.sum(x!, axes, true)]);
});
