// Every gradient that is replaced.
import type { BackendGradient } from '@stridelab/registration';
import { batchNormGradient } from './batch-norm.ts';
import { clipByValueGradient, relu6Gradient, reluGradient } from './clip.ts';
import { conv2DGradient, depthwiseGradient } from './convolutions.ts';
import { leakyReluGradient } from './leaky-relu.ts';
import { meanGradient, sumGradient } from './reduce.ts';

export const wasmGradients: readonly BackendGradient[] = [
  batchNormGradient,
  clipByValueGradient,
  conv2DGradient,
  depthwiseGradient,
  leakyReluGradient,
  meanGradient,
  relu6Gradient,
  reluGradient,
  sumGradient,
];
