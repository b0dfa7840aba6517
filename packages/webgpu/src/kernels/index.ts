// Everything that is registered.
import { batchNormTrainGrad } from './batch-norm/backward.ts';
import { batchNormTrain } from './batch-norm/forward.ts';
import { mean, sum } from './columns/reduce.ts';
import type { TrainingKernel } from './kernel.ts';
import { avgPoolGrad, maxPoolGrad } from './pooling/pool-grad.ts';
import { softmaxCrossEntropy } from './softmax-cross-entropy.ts';

export const trainingKernels: readonly TrainingKernel[] = [
  avgPoolGrad,
  batchNormTrain,
  batchNormTrainGrad,
  maxPoolGrad,
  mean,
  softmaxCrossEntropy,
  sum,
];
