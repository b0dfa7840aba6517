// A device that is lost: everybody who waits for it hears of it, and nobody waits for ever.
import '../index.ts';
import { openTestBackend } from '@stridelab/test-kit';
import { FusedSgd } from '@stridelab/train-ops';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { captureStep } from '../capture/capture-step.ts';
import { tuneProducts } from '../gemm/tune.ts';

/** What became of a promise within so many milliseconds. */
async function fate(promise: Promise<unknown>, patience = 10_000): Promise<'fulfilled' | 'rejected' | 'waiting'> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<'waiting'>((resolve) => {
    timer = setTimeout(() => resolve('waiting'), patience);
  });
  const settled = promise.then(
    () => 'fulfilled' as const,
    () => 'rejected' as const,
  );
  const end = await Promise.race([settled, late]);
  clearTimeout(timer);
  return end;
}

it('rejects every waiting promise', async () => {
  await openTestBackend('webgpu');
  const { device } = tf.backend() as unknown as { device: GPUDevice };
  // In the queue, recorded and not yet sent, and of memory that is written in place: nothing of it is on the host.
  const x = tf.randomNormal([64, 64]);
  const sent = tf.matMul(x, x);
  const weights = tf.tidy(() => tf.variable(tf.matMul(x, x)));
  new FusedSgd({ learningRate: 0.1 }).applyGradients({ [weights.name]: sent });
  const step = captureStep((v: tf.Tensor) => tf.sum(tf.square(v)));
  const replayed = Array.from({ length: 4 }, () => step(sent));
  expect(step.statistics.replays).toBe(2);
  const tuned = tuneProducts(() => tf.matMul(x, x), { candidates: 2 });
  const waiting = [tuned, ...[sent, weights, ...replayed, tf.relu(sent)].map((tensor) => tensor.data())];
  const fates = waiting.map((promise) => fate(promise));
  device.destroy();
  expect(await Promise.all(fates)).toEqual(waiting.map(() => 'rejected'));
  await expect(device.lost).resolves.toMatchObject({ reason: 'destroyed' });
});

it('rejects what is asked for afterwards', async () => {
  const x = tf.tidy(() => tf.add(tf.ones([1000]), tf.ones([1000])));
  expect(await fate(Promise.resolve().then(() => tf.square(x).data()))).toBe('rejected');
});
