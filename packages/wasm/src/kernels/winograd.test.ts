import { expect, it } from 'vitest';
import type { Convolution } from './convolve.ts';
import { suitsWinograd } from './winograd.ts';

const ONE: Convolution = {
  ...{ batch: 2, height: 16, width: 16, depth: 16, rows: 16, columns: 16, channels: 16 },
  ...{ filterHeight: 3, filterWidth: 3, strideHeight: 1, strideWidth: 1, dilationHeight: 1, dilationWidth: 1 },
  ...{ padTop: 1, padLeft: 1 },
};

it.each([
  ['a filter of 3 x 3 without strides', {}, true],
  ['a stride', { strideWidth: 2 }, false],
  ['dilation', { dilationHeight: 2 }, false],
  ['another filter', { filterWidth: 1 }, false],
  ['channels that are not in fours', { depth: 18 }, false],
  ['few channels', { channels: 4 }, false],
  ['few tiles', { batch: 1, rows: 14, columns: 14 }, false],
  ['a filter that would weigh too much', { depth: 2048, channels: 1024 }, false],
])('%s', (_, change, suits) => expect(suitsWinograd({ ...ONE, ...change })).toBe(suits));
