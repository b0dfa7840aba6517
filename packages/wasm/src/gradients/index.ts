// Every gradient that is replaced.
import type { BackendGradient } from '@stridelab/registration';
import { batchNormGradient } from './batch-norm.ts';
import { dilatedConv2D, dilatedDepthwise } from './dilated.ts';
import { meanGradient, sumGradient } from './reduce.ts';

export const wasmGradients: readonly BackendGradient[] = [
  batchNormGradient,
  dilatedConv2D,
  dilatedDepthwise,
  meanGradient,
  sumGradient,
];
