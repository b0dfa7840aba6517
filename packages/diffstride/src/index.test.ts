import { expect, it } from 'vitest';
import * as diffstride from './index.ts';

it('exports this and nothing else', () => {
  expect(Object.keys(diffstride).sort()).toEqual([
    'DiffStride',
    'DiffStride1D',
    'DiffStrideError',
    'StrideRegularizer',
    'diffStride1d',
    'diffStride2d',
    'downsampledSize',
    'maskedFrequencies',
  ]);
});
