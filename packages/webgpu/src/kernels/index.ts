// Everything that is registered.
import type { TrainingKernel } from './kernel.ts';
import { softmaxCrossEntropy } from './softmax-cross-entropy.ts';

export const trainingKernels: readonly TrainingKernel[] = [softmaxCrossEntropy];
