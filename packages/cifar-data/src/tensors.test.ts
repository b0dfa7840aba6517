import { expectNamedError, expectNoLeak, forEachBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { batches, softLabels } from './batching/batches.ts';
import type { BatchOptions } from './batching/options.ts';
import { syntheticCifar } from './data/synthetic.ts';
import { CifarDataError } from './errors.ts';
import { residentSplit, tensorBatches } from './tensors.ts';

const { train } = syntheticCifar({ train: 30, test: 1, size: 8, seed: 6 });

const CASES: [string, BatchOptions][] = [
  ['plain', { shuffle: false }],
  ['shuffled', {}],
  ['with flips', { augment: { flip: true } }],
  ['with crops', { augment: { pad: 3 } }],
  ['with permuted mixup', { augment: { pad: 2, flip: true, mixup: { alpha: 0.4 } } }],
  [
    'with pairwise mixup',
    { normalize: 'diffstride', augment: { pad: 2, flip: true, mixup: { alpha: 0.2, partner: 'pairwise' } } },
  ],
];

forEachBackend(() => {
  describe.each(['tensorBatches', 'residentSplit'] as const)('%s', (kind) => {
    const open = (options: BatchOptions) => {
      if (kind === 'tensorBatches') return { made: tensorBatches(train, options), close: () => {} };
      const resident = residentSplit(train);
      return { made: resident.batches(options), close: resident.dispose };
    };

    it.each(CASES)('%s: the values of the root entry', async (_, options) => {
      const all = { batchSize: 7, seed: 2, epoch: 1, ...options };
      const expected = [...batches(train, all)];
      const { made, close } = open(all);
      expect([made.length, made.imageCount]).toEqual([expected.length, batches(train, all).imageCount]);
      for await (const batch of made) {
        const same = expected[batch.index]!;
        expect(batch.images.shape).toEqual([...same.shape]);
        await expect(batch.images).toBeAllClose(same.images, { absolute: 1e-6 });
        await expect(batch.labels).toBeAllClose(softLabels(same, 10), { absolute: 1e-6 });
        expect(batch.labels.shape).toEqual([same.size, 10]);
        expect(batch.plan).toEqual(same.plan);
        batch.dispose();
      }
      close();
    });

    it('keeps no tensor but what it hands over', async () => {
      const options: BatchOptions = { batchSize: 8, prefetch: 2, augment: { pad: 2, flip: true, mixup: { alpha: 1 } } };
      const before = tf.memory().numTensors;
      const { made, close } = open(options);
      expectNoLeak(() => {
        const { images, labels } = made.at(1);
        return [images, labels];
      });
      const whole = tf.memory().numTensors;
      for await (const batch of made) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        batch.dispose();
      }
      expect(tf.memory().numTensors).toBe(whole);
      for await (const batch of made.from(1)) {
        await new Promise((resolve) => setTimeout(resolve, 10)); // others are made ahead, and must go as well
        batch.dispose();
        break;
      }
      expect(tf.memory().numTensors).toBe(whole);
      close();
      expect(tf.memory().numTensors).toBe(before);
    });

    it('is differentiated with respect to nothing: a gradient passes by it', async () => {
      const { made, close } = open({ batchSize: 4, augment: { flip: true } });
      const { images, dispose } = made.at(0);
      const scale = tf.scalar(2);
      const gradient = tf.grad((s: tf.Tensor) => tf.sum(tf.mul(s, images)))(scale);
      await expect(gradient).toBeAllClose([(await tf.sum(images).data())[0]!], { relative: 1e-4 });
      tf.dispose([scale, gradient]);
      dispose();
      close();
    });

    it('refuses what the root entry refuses, before any tensor is made', async () => {
      const { made, close } = open({ batchSize: 7 });
      const before = tf.memory().numTensors;
      await expectNamedError(() => made.at(5), CifarDataError, /the number of a batch must be in \[0, 5\), got 5/);
      const resident = kind === 'residentSplit' ? residentSplit(train) : undefined;
      const bad = () => (resident ? resident.batches({ batchSize: 0 }) : tensorBatches(train, { batchSize: 0 }));
      await expectNamedError(bad, CifarDataError, /batchSize must be a whole number >= 1, got 0/);
      resident?.dispose();
      expect(tf.memory().numTensors).toBe(before);
      close();
    });
  });

  it('says that a resident split was disposed of', async () => {
    const resident = residentSplit(train);
    const made = resident.batches();
    resident.dispose();
    await expectNamedError(
      () => made.at(0),
      CifarDataError,
      /cifar-data.residentSplit: the split must not be disposed of/,
    );
  });
});
