// Everything that is registered.
import { batchNormTrainGrad } from './batch-norm/backward.ts';
import { batchNormTrain } from './batch-norm/forward.ts';
import { batchNormSums } from './batch-norm/sums.ts';
import { mean, sum } from './columns/reduce.ts';
import { repeatRows } from './columns/repeat-rows.ts';
import { dropout } from './dropout.ts';
import type { TrainingKernel } from './kernel.ts';
import { avgPoolGrad, maxPoolGrad } from './pooling/pool-grad.ts';
import { batchMatMul, fusedMatMul } from './products/batch-mat-mul.ts';
import { chainProducts } from './products/chain-products.ts';
import { conv2D, fusedConv2D } from './products/conv2d.ts';
import { conv2DBackpropFilter, conv2DBackpropInput } from './products/conv2d-backprop.ts';
import { productChain } from './products/product-chain.ts';
import { weightedProduct } from './products/weighted-product.ts';
import { reluGrad } from './relu-grad.ts';
import { softmaxCrossEntropy } from './softmax-cross-entropy.ts';
import { slopeSums } from './strides/slope-sums.ts';
import { strideMasks } from './strides/stride-masks.ts';
import { adamUpdate } from './updates/adam.ts';
import { sgdMomentumUpdate } from './updates/sgd-momentum.ts';

export const trainingKernels: readonly TrainingKernel[] = [
  adamUpdate,
  avgPoolGrad,
  batchNormSums,
  batchNormTrain,
  batchNormTrainGrad,
  dropout,
  maxPoolGrad,
  mean,
  reluGrad,
  repeatRows,
  sgdMomentumUpdate,
  softmaxCrossEntropy,
  sum,
  ...[conv2D, fusedConv2D, conv2DBackpropInput, conv2DBackpropFilter],
  ...[batchMatMul, fusedMatMul],
  ...[chainProducts, productChain, weightedProduct],
  ...[slopeSums, strideMasks],
];
