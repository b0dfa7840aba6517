import '../index.ts';
import { testDropout } from '@stridelab/test-kit/kernels/dropout';
import { Dropout, dropout } from '@stridelab/train-ops';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { captureStep } from '../capture/capture-step.ts';

testDropout('webgpu', dropout);

it('draws anew in each replay of a recorded step', async () => {
  const x = tf.ones([8, 8]);
  const layer = new Dropout({ rate: 0.5, seed: 9 });
  const captured = captureStep((v: tf.Tensor) =>
    tf.grad((w: tf.Tensor) => layer.apply(w, { training: true }) as tf.Tensor)(v),
  );
  for (let step = 0; step < 8; step++) {
    const given = tf.tidy(() => captured(x));
    await expect(given).toBeAllClose(dropout(x, [9, step], { rate: 0.5 }));
    given.dispose();
  }
  expect(captured.statistics.replays).toBeGreaterThan(3);
  captured.dispose();
});
