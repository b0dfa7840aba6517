export { type AdamOptions, adamUpdate } from './adam-update.ts';
export { BatchNorm, type BatchNormArgs } from './batch-norm-layer.ts';
export {
  type BatchNormTrainOptions,
  type BatchNormTrainResult,
  batchNormTrain,
  type MovingStatistics,
} from './batch-norm-train.ts';
export { zeroSlots } from './buckets.ts';
export { type Draw, type DropoutOptions, dropout } from './dropout.ts';
export { Dropout, type DropoutArgs } from './dropout-layer.ts';
export { TrainOpsError } from './errors.ts';
export { FusedAdam, type FusedAdamOptions } from './fused-adam.ts';
export { FusedOptimizer, type FusedOptimizerOptions } from './fused-optimizer.ts';
export { FusedSgd, type FusedSgdOptions } from './fused-sgd.ts';
export { KERNELS } from './kernel.ts';
export type { Labels } from './labels.ts';
export type { OptimizerState } from './optimizer-state.ts';
export { type SgdMomentumOptions, sgdMomentumUpdate } from './sgd-momentum-update.ts';
export { type SoftmaxCrossEntropyOptions, softmaxCrossEntropy } from './softmax-cross-entropy.ts';
export type { UpdateOptions } from './update.ts';
