import { expectNamedError } from '@stridelab/test-kit';
import { expect, it } from 'vitest';
import { PhcConvError, parameterCount } from './index.ts';

it.each([
  [{ n: 1, filters: 3, channels: 5 }, 1 + 15 + 3],
  [{ n: 4, filters: 64, channels: 64, kernelSize: 3, useBias: false }, 64 + 9216],
  [{ n: 2, filters: 4, channels: 6, kernelSize: [5] }, 8 + 60 + 4],
  [{ n: 3, filters: 6, channels: 3, kernelSize: [1, 2, 3] }, 27 + 36 + 6],
])('%j has %d parameters', (size, count) => {
  expect(parameterCount(size)).toBe(count);
});

it('names every width that does not fit', async () => {
  await expectNamedError(
    () => parameterCount({ n: 4, filters: 7, channels: 10 }),
    PhcConvError,
    'phc-conv.parameterCount: input channels must be a multiple of n = 4 (nearest: 8 and 12), ' +
      'output channels must be a multiple of n = 4 (nearest: 4 and 8), got {in: 10, out: 7}',
  );
  await expectNamedError(
    () => parameterCount({ n: 0, filters: 1, channels: 1 }),
    PhcConvError,
    /n must be an integer >= 1, got 0/,
  );
});

it.each([
  [{ filters: -4 }, 'output channels must be a multiple of n = 2 (nearest: 2), got -4'],
  [{ channels: 0 }, 'input channels must be a multiple of n = 2 (nearest: 2), got 0'],
  [{ kernelSize: 1.5 }, 'kernelSize must be integers >= 1, got 1.5'],
  [{ kernelSize: '3' as never }, "kernelSize must be integers >= 1, got '3'"],
  [{ kernelSize: [3, 0] }, 'kernelSize must be integers >= 1, got [3, 0]'],
])('counts nothing for %j', async (size, message) => {
  await expectNamedError(
    () => parameterCount({ n: 2, filters: 4, channels: 2, ...size }),
    PhcConvError,
    `phc-conv.parameterCount: ${message}`,
  );
});
