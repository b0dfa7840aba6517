import '@tensorflow/tfjs';
import { type Batch, softLabels, syntheticCifar } from '@stridelab/cifar-data';
import { forEachBackend } from '@stridelab/test-kit';
import type { EpochBatches, TrainingBatch } from '@stridelab/trainer';
import type { Tensor } from '@tensorflow/tfjs-core';
import { memory } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { loadData, runData } from './data.ts';
import { settingsOf } from './settings.ts';
import { statusLine } from './status-line.ts';

const SETTINGS = {
  ...settingsOf(
    { dataset: 'synthetic', limit: '40', validation: '20', batch: '16' },
    { name: 'cpu', precision: 'float32' },
  ),
};

async function all(batches: EpochBatches): Promise<TrainingBatch[]> {
  const list: TrainingBatch[] = [];
  for await (const batch of batches.from(0)) list.push(batch);
  return list;
}

it('makes synthetic data without a source', async () => {
  const status = statusLine({ write: () => undefined });
  const data = await loadData(SETTINGS, { runs: 'runs', resume: 'auto' }, status, new AbortController().signal);
  expect([data.train.count, data.test.count]).toEqual([60, 9]);
});

it('shares the images out: so many to train on, as many of each class, and none of them to look at', async () => {
  const data = syntheticCifar({ train: 200, test: 30, size: 16 });
  const { training, test, classNames } = runData(data, SETTINGS, false);
  const keys = (batches: TrainingBatch[]) =>
    batches.flatMap(({ images, shape }) => {
      const size = (images as Float32Array).length / shape![0]!;
      return Array.from({ length: shape![0]! }, (_, i) =>
        (images as Float32Array)
          .slice(i * size, (i + 1) * size)
          .toSorted()
          .join(),
      );
    });
  const learned = await all(training.train(0));
  // 40 images in batches of 16, the rest left out.
  expect(learned.map(({ shape }) => shape![0])).toEqual([16, 16]);
  const apart = await all(training.validation!);
  // 20 images, no more at a time than are trained on.
  expect(apart.map(({ shape }) => shape![0])).toEqual([16, 4]);
  expect(new Set(keys(apart)).size).toBe(20);
  expect(keys(learned).filter((key) => keys(apart).includes(key))).toEqual([]);
  expect((await all(test)).flatMap(({ labels }) => [...(labels as Uint8Array)])).toEqual([...data.test.labels]);
  expect(classNames).toHaveLength(10);
});

forEachBackend(() => {
  it('has the same batches on the device as on the host', async () => {
    const data = syntheticCifar({ train: 60, test: 10, size: 16 });
    const before = memory().numTensors;
    const device = runData(data, SETTINGS, true);
    const host = runData(data, SETTINGS, false);
    const expected = await all(host.training.train(1));
    const given = await all(device.training.train(1));
    expect(given).toHaveLength(expected.length);
    for (const [i, { images, labels, shape }] of expected.entries()) {
      expect((given[i]!.images as Tensor).shape).toEqual([...shape!]);
      await expect(given[i]!.images as Tensor).toBeAllClose(images as Float32Array);
      await expect(given[i]!.labels as Tensor).toBeAllClose(softLabels({ labels: labels as Uint8Array } as Batch, 10));
      given[i]!.dispose!();
    }
    device.dispose();
    expect(memory().numTensors).toBe(before);
  });
});
