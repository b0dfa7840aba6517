import { expect, it } from 'vitest';
import { ResnetError } from './errors.ts';

it('says function, rule and value', () => {
  const error = new ResnetError('resnet', 'classes must be an integer >= 1', 0);
  expect(error.message).toBe('resnet.resnet: classes must be an integer >= 1, got 0');
  expect(error).toMatchObject({ name: 'ResnetError', operation: 'resnet' });
});
