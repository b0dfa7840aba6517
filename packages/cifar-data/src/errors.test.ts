import { expectNamedError } from '@stridelab/test-kit';
import { expect, it } from 'vitest';
import { CifarDataError, checkWholeNumber } from './errors.ts';

it('says function, rule and value, what was tried in order, and how to mend it', () => {
  const first = new CifarDataError('load', 'the folder must exist', '/data', { code: 'not-found' });
  const error = new CifarDataError('loadCifar10', 'some source must give each file', 'no a.bin', {
    code: 'no-source',
    attempts: [{ source: 'folder', where: '/data', error: first }],
    advice: ['name another folder'],
  });
  expect(error).toMatchObject({ name: 'CifarDataError', code: 'no-source', operation: 'loadCifar10' });
  expect(error.message).toBe(
    [
      "cifar-data.loadCifar10: some source must give each file, got 'no a.bin'",
      'Tried, in order:',
      "  1. folder (/data): cifar-data.load: the folder must exist, got '/data'",
      'To mend it:',
      '  - name another folder',
    ].join('\n'),
  );
});

it('refuses what is no whole number', async () => {
  for (const value of [1.5, -1, Number.NaN, '3', undefined]) {
    await expectNamedError(() => checkWholeNumber('f', 'n', value, 0), CifarDataError, /n must be a whole number >= 0/);
  }
  checkWholeNumber('f', 'n', 0, 0);
});
