import { expect, it } from 'vitest';
import * as phcConv from './index.ts';

it('exports this and nothing else', () => {
  expect(Object.keys(phcConv).sort()).toEqual([
    'PHCConv1D',
    'PHCConv2D',
    'PHCConv2DTranspose',
    'PHCConv3D',
    'PHMDense',
    'PhcConvError',
    'algebra',
    'foldModel',
    'kroneckerKernel',
    'parameterCount',
    'phcConv1d',
    'phcConv2d',
    'phcConv2dTranspose',
    'phcConv3d',
    'phmDense',
  ]);
});
