// Every gradient that is replaced.
import type { BackendGradient } from '@stridelab/registration';
import { batchNormGradient } from './batch-norm.ts';
import { conv2DGradient } from './conv2d.ts';
import { meanGradient, sumGradient } from './reduce.ts';
import { reluGradient } from './relu.ts';

export const trainingGradients: readonly BackendGradient[] = [
  batchNormGradient,
  conv2DGradient,
  meanGradient,
  reluGradient,
  sumGradient,
];
