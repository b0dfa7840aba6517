import { expect, it } from 'vitest';
import type { Convolution } from './convolve.ts';
import { sideFor, suitsWinograd } from './winograd.ts';

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

const WIDE: Convolution = { ...ONE, batch: 4, depth: 32, channels: 32 };

it.each([
  ['many channels and whole tiles', {}, 4],
  ['few channels', { depth: 12 }, 2],
  ['few channels of the result', { channels: 12 }, 2],
  ['few large tiles', { batch: 3 }, 2],
  ['half of every other large tile left over', { batch: 64, rows: 6, columns: 6 }, 2],
  ['a pixel in nine left over', { batch: 16, rows: 18, columns: 18 }, 4],
  ['a filter that would weigh too much in large tiles', { depth: 1024, channels: 1024 }, 2],
])('tiles for %s', (_, change, side) => expect(sideFor({ ...WIDE, ...change })).toBe(side));
