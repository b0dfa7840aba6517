import { expect, it } from 'vitest';
import { TrainOpsError } from './errors.ts';

it('says function, rule and value', () => {
  const error = new TrainOpsError('adamUpdate', 'step must be an integer >= 1', 0);
  expect(error.message).toBe('train-ops.adamUpdate: step must be an integer >= 1, got 0');
  expect(error).toMatchObject({ name: 'TrainOpsError', operation: 'adamUpdate' });
});
