// A device that is lost: everybody who waits for it hears of it, and nobody waits for ever.
import '../index.ts';
import { openTestBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { smallTraining } from './small-training.ts';

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
  const training = smallTraining();
  const losses = [0, 1, 2].map((i) => {
    const { images, labels } = training.batch(i);
    return training.update(images, labels);
  });
  const weights = training.model.trainableWeights.map((weight) => weight.read());
  const waiting = [...losses, ...weights].map((tensor) => tensor.data());
  const fates = waiting.map((promise) => fate(promise));
  device.destroy();
  expect(new Set(await Promise.all(fates))).toEqual(new Set(['rejected']));
  await expect(device.lost).resolves.toMatchObject({ reason: 'destroyed' });
});

it('rejects what is asked for afterwards', async () => {
  const x = tf.tidy(() => tf.add(tf.ones([1000]), tf.ones([1000])));
  expect(await fate(Promise.resolve().then(() => tf.square(x).data()))).toBe('rejected');
});
