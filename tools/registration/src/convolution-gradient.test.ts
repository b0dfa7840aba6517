import { backend_util, type TensorInfo } from '@tensorflow/tfjs-core';
import { expect, it, vi } from 'vitest';
import { infoOfGradient } from './convolution-gradient.ts';

interface Attrs {
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/** 3 x 3 with strides of 4 over 8 x 8, padded by 1: 2.75 windows a side. */
const infoOf = vi.fn(({ dimRoundingMode }: Attrs) =>
  backend_util.computeConv2DInfo([1, 8, 8, 2], [3, 3, 2, 5], 4, 1, 1, dimRoundingMode),
);
const infoFor = (side: number, attrs: Attrs = {}) =>
  infoOfGradient({ shape: [1, side, side, 5] } as TensorInfo, attrs, infoOf);

it('finds out from dY how sizes were rounded', () => {
  expect(infoFor(2).outHeight).toBe(2);
  expect(infoFor(3).outHeight).toBe(3);
  expect(infoFor(3, { dimRoundingMode: 'floor' }).outHeight).toBe(3);
});

it('takes the attributes at their word where no rounding gives the size of dY', () => {
  expect(infoFor(7).outHeight).toBe(2);
  expect(infoFor(7, { dimRoundingMode: 'ceil' }).outHeight).toBe(3);
});

it('looks once where sizes are what they seem', () => {
  infoOf.mockClear();
  infoFor(2);
  expect(infoOf).toHaveBeenCalledTimes(1);
});
