import { expect, it } from 'vitest';
import { FftOpsError } from './errors.ts';

it('says function, rule and value', () => {
  const error = new FftOpsError('rfft', 'axis must be in [-2, 2)', 3);
  expect(error.message).toBe('fft-ops.rfft: axis must be in [-2, 2), got 3');
  expect(error).toMatchObject({ name: 'FftOpsError', operation: 'rfft' });
});
