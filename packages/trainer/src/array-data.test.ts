import { expectNamedError } from '@stridelab/test-kit';
import { it } from 'vitest';
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
  await wrong({ images: new Float32Array(9) }, "images must hold 4 examples of shape [6, 6, 1], got '9 values'");
  await wrong({ images: [1, 2] }, 'images must be a Float32Array, got [1, 2]');
  await wrong({ shape: 36 }, 'shape must be a list, of one example, got 36');
  await wrong({ validationSplit: 1 }, 'validationSplit must be in [0, 1), got 1');
});
