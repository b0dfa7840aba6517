import { expect, it } from 'vitest';
import { multiplyAddsOf } from './multiply-adds.ts';

it.each([
  // 24 x 32 by 32 x 32 and 24 x 32 by 32 x 24, for 64 channels, both parts
  [[1, 32, 32, 64], [1, 24, 24, 64], 'channelsLast', false, 2 * 64 * (24 * 32 * 32 + 24 * 32 * 24)],
  [[1, 32, 32, 64], [1, 24, 24, 64], 'channelsLast', true, 64 * (24 * 32 * 32 + 24 * 32 * 24)],
  [[2, 3, 16, 8], [2, 3, 4, 6], 'channelsFirst', false, 2 * 2 * 3 * (4 * 16 * 8 + 4 * 8 * 6)],
  // Columns first: 16 x 8 by 8 x 2, then 12 x 16 by 16 x 2.
  [[1, 16, 8, 1], [1, 12, 2, 1], 'channelsLast', true, 16 * 8 * 2 + 12 * 16 * 2],
  [[1, 20, 5], [1, 12, 5], 'channelsLast', false, 5 * 12 * 20],
] as const)('of %o to %o, %s, real %s', (input, output, dataFormat, real, expected) => {
  expect(multiplyAddsOf(input, output, { dataFormat, real })).toBe(expected);
});
