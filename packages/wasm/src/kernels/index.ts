// Everything that is registered.
import { batchMatMul } from './batch-mat-mul.ts';
import { batchNormSums } from './batch-norm-sums.ts';
import { batchNormTrain } from './batch-norm-train.ts';
import { batchNormTrainGrad } from './batch-norm-train-grad.ts';
import { cast } from './cast.ts';
import { clipGradient } from './clip-gradient.ts';
import { conv2D, fusedConv2D } from './conv2d.ts';
import { conv2DBackpropFilter } from './conv2d-backprop-filter.ts';
import { conv2DBackpropInput } from './conv2d-backprop-input.ts';
import { conv3D } from './conv3d.ts';
import { conv3DBackpropFilter, conv3DBackpropInput } from './conv3d-backprop.ts';
import { depthwiseBackpropFilter, depthwiseBackpropInput } from './depthwise-backprop.ts';
import { dropout } from './dropout.ts';
import { equal, greater, greaterEqual, less, lessEqual, maximum, minimum, notEqual } from './element-wise.ts';
import { fusedBatchNorm } from './fused-batch-norm.ts';
import { gather } from './gather.ts';
import { identity } from './identity.ts';
import { concat, splitV, unpack } from './join.ts';
import type { TrainingKernel } from './kernel.ts';
import { leakyRelu, leakyReluGradient } from './leaky-relu.ts';
import { avgPoolGrad, maxPoolGrad } from './pool-grad.ts';
import { pow } from './pow.ts';
import { chainProducts, productChain } from './product-chain.ts';
import { mean, sum } from './reduce.ts';
import { resizeNearestNeighbor, resizeNearestNeighborGrad } from './resize-nearest.ts';
import { flipLeftRight, reverse } from './reverse.ts';
import { select } from './select.ts';
import { avgPool, depthwiseConv2D, fusedDepthwiseConv2D, maxPool } from './sized-windows.ts';
import { slice } from './slice.ts';
import { softmaxCrossEntropy } from './softmax-cross-entropy.ts';
import { tile } from './tile.ts';
import { transpose } from './transpose.ts';
import { erf, exp, expm1, log, log1p, selu, softplus, tanh } from './unary.ts';
import { unsortedSegmentSum } from './unsorted-segment-sum.ts';
import { adamUpdate, sgdMomentumUpdate } from './updates.ts';

export const trainingKernels: readonly TrainingKernel[] = [
  adamUpdate,
  avgPool,
  avgPoolGrad,
  batchMatMul,
  batchNormSums,
  batchNormTrain,
  batchNormTrainGrad,
  cast,
  chainProducts,
  clipGradient,
  concat,
  conv2D,
  conv2DBackpropFilter,
  conv2DBackpropInput,
  conv3D,
  conv3DBackpropFilter,
  conv3DBackpropInput,
  depthwiseBackpropFilter,
  depthwiseBackpropInput,
  depthwiseConv2D,
  dropout,
  equal,
  erf,
  exp,
  expm1,
  flipLeftRight,
  fusedBatchNorm,
  fusedConv2D,
  fusedDepthwiseConv2D,
  gather,
  greater,
  greaterEqual,
  identity,
  leakyRelu,
  leakyReluGradient,
  less,
  lessEqual,
  log,
  log1p,
  maxPool,
  maxPoolGrad,
  maximum,
  mean,
  minimum,
  notEqual,
  pow,
  resizeNearestNeighbor,
  resizeNearestNeighborGrad,
  reverse,
  select,
  selu,
  sgdMomentumUpdate,
  slice,
  softmaxCrossEntropy,
  softplus,
  splitV,
  productChain,
  sum,
  tanh,
  tile,
  transpose,
  unpack,
  unsortedSegmentSum,
];
