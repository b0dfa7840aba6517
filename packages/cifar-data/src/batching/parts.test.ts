// Normalization measured, validation split off, and the synthetic data set.
import { expectNamedError } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { takeImages } from '../data/split.ts';
import { syntheticCifar } from '../data/synthetic.ts';
import { CifarDataError } from '../errors.ts';
import { tensorBatches } from '../tensors/batches.ts';
import { measureNormalization } from './normalization.ts';
import { splitValidation } from './split-validation.ts';

const { train } = syntheticCifar({ train: 103, test: 1, size: 6 });

it('measures mean and standard deviation of each channel', async () => {
  const { mean, std } = measureNormalization(train);
  for (const channel of [0, 1, 2]) {
    const values = [...train.images].filter((_, i) => i % 3 === channel).map((byte) => byte / 255);
    const average = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / values.length;
    expect(mean[channel]).toBeCloseTo(average, 12);
    expect(std[channel]).toBeCloseTo(Math.sqrt(variance), 12);
  }
  await expectNamedError(
    () => measureNormalization(takeImages(train, [])),
    CifarDataError,
    /must hold an image, got 0/,
  );
});

it('splits off a validation set, each class in its proportion', async () => {
  const { train: rest, validation } = splitValidation(train, 25, 7);
  expect([rest.count, validation.count]).toEqual([78, 25]);
  const perClass = (labels: Uint8Array) =>
    Array.from({ length: 10 }, (_, label) => labels.filter((l) => l === label).length);
  // Classes 0, 1 and 2 have 11 members, the others 10: 2.67 and 2.43 seats each.
  const seats = perClass(validation.labels);
  expect(seats.slice(0, 3)).toEqual([3, 3, 3]);
  expect(seats.slice(3).reduce((sum, seat) => sum + seat)).toBe(16);
  expect(seats.every((seat) => seat === 2 || seat === 3)).toBe(true);
  const image = (split: typeof train, i: number) => split.images.subarray(i * 108, (i + 1) * 108).join();
  const all = [rest, validation].flatMap((part) =>
    Array.from({ length: part.count }, (_, i) => `${part.labels[i]}:${image(part, i)}`),
  );
  const whole = Array.from({ length: 103 }, (_, i) => `${train.labels[i]}:${image(train, i)}`);
  expect(all.sort()).toEqual(whole.sort());
  expect(splitValidation(train, 25, 7).validation.images).toEqual(validation.images);
  expect(splitValidation(train, 25, 8).validation.images).not.toEqual(validation.images);
  await expectNamedError(
    () => splitValidation(train, 103, 0),
    CifarDataError,
    "cifar-data.splitValidation: count must be below the split's 103, got 103",
  );
  await expectNamedError(
    () => splitValidation(train, 0, 0),
    CifarDataError,
    /count must be a whole number >= 1, got 0/,
  );
});

it('keeps the coarse labels in step', () => {
  const coarse = {
    ...train,
    coarseLabels: train.labels.map((label) => label >> 1),
    coarseClassNames: ['a', 'b', 'c', 'd', 'e'],
  };
  for (const part of Object.values(splitValidation(coarse, 20, 1))) {
    expect(part.coarseLabels).toEqual(part.labels.map((label) => label >> 1));
  }
});

it('makes synthetic data, the same for the same seed', async () => {
  const one = syntheticCifar({ train: 20, test: 10, seed: 1 });
  expect(one.train.images).toHaveLength(20 * 3072);
  expect(one.train.images).toEqual(syntheticCifar({ train: 20, test: 10, seed: 1 }).train.images);
  expect(one.train.images).not.toEqual(syntheticCifar({ train: 20, test: 10, seed: 2 }).train.images);
  expect(one.train.images.subarray(0, 10 * 3072)).not.toEqual(one.test.images);
  expect(syntheticCifar({ classes: 3 }).classNames).toEqual(['class 0', 'class 1', 'class 2']);
  expect(syntheticCifar(null as never).train.count).toBe(1000);
  await expectNamedError(
    () => syntheticCifar({ classes: 1 }),
    CifarDataError,
    /classes must be a whole number >= 2, got 1/,
  );
  await expectNamedError(() => syntheticCifar({ classes: 300 }), CifarDataError, /classes must be <= 256, got 300/);
  await expectNamedError(
    () => syntheticCifar({ noise: -1 }),
    CifarDataError,
    /noise must be a whole number in \[0, 255\], got -1/,
  );
});

it('which a small convolutional network learns', async () => {
  await tf.setBackend('cpu');
  const data = syntheticCifar({ train: 320, test: 100, size: 12, seed: 5 });
  const kernel = tf.variable(tf.randomNormal([75, 16], 0, 0.15, 'float32', 1) as tf.Tensor2D);
  const dense = tf.variable(tf.randomNormal([32, 10], 0, 0.2, 'float32', 2) as tf.Tensor2D);
  // A convolution of 5 x 5 as a product: backend cpu takes 0.6 s for the gradient of its own.
  const patches = (images: tf.Tensor4D) => {
    const [count] = images.shape;
    const shifts = Array.from({ length: 25 }, (_, i) =>
      tf.slice(images, [0, Math.floor(i / 5), i % 5, 0], [count, 8, 8, 3]),
    );
    return tf.reshape(tf.concat(shifts, 3), [count * 64, 75]) as tf.Tensor2D;
  };
  const model = (x: tf.Tensor2D) => {
    const features = tf.reshape(tf.relu(tf.matMul(x, kernel)), [x.shape[0] / 64, 64, 16]);
    return tf.matMul(tf.concat([tf.mean(features, 1), tf.max(features, 1)], 1), dense) as tf.Tensor2D;
  };
  const optimizer = tf.train.adam(0.02);
  for (let epoch = 0; epoch < 8; epoch++) {
    for await (const { images, labels, dispose } of tensorBatches(data.train, { batchSize: 32, epoch })) {
      const x = tf.tidy(() => patches(images));
      optimizer.minimize(() => tf.neg(tf.mean(tf.sum(tf.mul(labels, tf.logSoftmax(model(x))), 1))) as tf.Scalar);
      x.dispose();
      dispose();
    }
  }
  const { images, labels } = tensorBatches(data.test, { batchSize: 100, shuffle: false }).at(0);
  const right = tf.mean(tf.cast(tf.equal(tf.argMax(model(patches(images)), 1), tf.argMax(labels, 1)), 'float32'));
  const [accuracy] = await right.data();
  expect(accuracy).toBeGreaterThan(0.6); // by chance: 0.1
});
