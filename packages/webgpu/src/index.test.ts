import { expect, it } from 'vitest';
import * as root from './index.ts';
import * as training from './training.ts';

it('exports this and nothing else', () => {
  expect(Object.keys(root).sort()).toEqual([
    'CaptureError',
    'DeviceLostError',
    'OutOfMemoryError',
    'WebgpuError',
    'captureStep',
    'createWebGpuDevice',
    'getPrecision',
    'registerWebgpuTraining',
    'restore',
    'setPrecision',
    'tuneProducts',
  ]);
  expect(Object.keys(training).sort()).toEqual(Object.keys(root).sort());
});
