import { expectNamedError } from '@stridelab/test-kit';
import { expect, it } from 'vitest';
import { arrayData } from './array-data.ts';
import { TrainerError } from './errors.ts';
import { examples } from './test-tools.ts';

it('names what is wrong with arrays', async () => {
  const wrong = (options: object, message: string) =>
    expectNamedError(() => arrayData({ ...examples(4), ...options }), TrainerError, `trainer.arrayData: ${message}`);
  await wrong({ batchSize: 5 }, 'batchSize must not exceed the 4 examples to learn from, got 5');
  await wrong({ batchSize: 0 }, 'batchSize must be a whole number >= 1, got 0');
  await wrong({ labels: undefined }, 'labels must be a list of numbers, got undefined');
  const nothing = 'trainer.arrayData: images must be a Float32Array, got undefined';
  await expectNamedError(() => arrayData(undefined as never), TrainerError, nothing);
  await wrong({ labels: [0, 1, 1.5, 2] }, 'each label must be a whole number >= 0, got 1.5');
  await wrong({ labels: [0, -1, 1, 2] }, 'each label must be a whole number >= 0, got -1');
  await expectNamedError(
    () => arrayData({ validationsplit: 0.5 } as never),
    TrainerError,
    'trainer.arrayData: options must be some of {images, labels, shape, batchSize, seed, validationSplit}, ' +
      'got {validationsplit: 0.5}',
  );
  await wrong({ images: new Float32Array(9) }, "images must hold 4 examples of shape [6, 6, 1], got '9 values'");
  await wrong({ images: [1, 2] }, 'images must be a Float32Array, got [1, 2]');
  await wrong({ shape: 36 }, 'shape must be a list, of one example, got 36');
  await wrong({ validationSplit: 1 }, 'validationSplit must be in [0, 1), got 1');
});

it('says how many classes its labels name, whichever part they are in', () => {
  const data = arrayData({ ...examples(20), validationSplit: 0.1, batchSize: 4 });
  expect([data.train(0).classes, data.validation!.classes]).toEqual([3, 3]);
});
