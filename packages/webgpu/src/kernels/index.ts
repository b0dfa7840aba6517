// Everything that is registered.
import { mean, sum } from './columns/reduce.ts';
import type { TrainingKernel } from './kernel.ts';
import { softmaxCrossEntropy } from './softmax-cross-entropy.ts';

export const trainingKernels: readonly TrainingKernel[] = [mean, softmaxCrossEntropy, sum];
