// What is no model is refused in this package's words.
import { expectNamedError } from '@stridelab/test-kit';
import { it } from 'vitest';
import { TrainerError } from './errors.ts';
import { readStrides, restoreWeights } from './index.ts';

it.each([
  ['readStrides', () => readStrides(undefined as never, [6, 6, 1])],
  ['restoreWeights', () => restoreWeights(undefined as never, { weights: [] }, 'here')],
])('%s', async (name, run) => {
  await expectNamedError(run, TrainerError, `trainer.${name}: model must be a tf.LayersModel, got undefined`);
});
