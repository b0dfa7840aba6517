import { expect, it } from 'vitest';
import * as fftOps from './index.ts';

it('exports this and nothing else', () => {
  expect(Object.keys(fftOps).sort()).toEqual([
    'FftOpsError',
    'complex',
    'disposeCache',
    'fft',
    'fft2',
    'fftfreq',
    'fftn',
    'fftshift',
    'ifft',
    'ifft2',
    'ifftn',
    'ifftshift',
    'irfft',
    'irfft2',
    'irfftn',
    'rfft',
    'rfft2',
    'rfftfreq',
    'rfftn',
    'spectralConv2d',
  ]);
});
