// Every gradient that is replaced.
import type { BackendGradient } from '@stridelab/registration';
import { batchNormGradient } from './batch-norm.ts';
import { conv2DGradient, depthwiseGradient } from './convolutions.ts';
import { meanGradient, sumGradient } from './reduce.ts';

export const wasmGradients: readonly BackendGradient[] = [
  batchNormGradient,
  conv2DGradient,
  depthwiseGradient,
  meanGradient,
  sumGradient,
];
