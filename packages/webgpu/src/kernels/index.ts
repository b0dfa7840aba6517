// Everything that is registered.
import type { TrainingKernel } from './kernel.ts';
import { batchMatMul, fusedMatMul } from './products/batch-mat-mul.ts';
import { conv2D, fusedConv2D } from './products/conv2d.ts';
import { conv2DBackpropFilter, conv2DBackpropInput } from './products/conv2d-backprop.ts';
import { softmaxCrossEntropy } from './softmax-cross-entropy.ts';

export const trainingKernels: readonly TrainingKernel[] = [
  softmaxCrossEntropy,
  ...[conv2D, fusedConv2D, conv2DBackpropInput, conv2DBackpropFilter],
  ...[batchMatMul, fusedMatMul],
];
