import { expect, it } from 'vitest';
import * as spectralPooling from './index.ts';

it('exports this and nothing else', () => {
  expect(Object.keys(spectralPooling).sort()).toEqual([
    'SpectralPooling1D',
    'SpectralPooling2D',
    'SpectralPoolingError',
    'spectralPool1d',
    'spectralPool2d',
    'spectralResize1d',
    'spectralResize2d',
  ]);
});
