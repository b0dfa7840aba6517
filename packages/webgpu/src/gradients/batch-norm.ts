import type { BackendGradient } from '@stridelab/registration';
import { engine, FusedBatchNorm, mul, type Tensor } from '@tensorflow/tfjs-core';
import { BATCH_NORM_SUMS } from '../kernels/batch-norm/sums.ts';

/** Gradient of tf.batchNorm over the last axis. */
export const batchNormGradient: BackendGradient = {
  kernelName: FusedBatchNorm,
  takes([x, mean, variance, scale]) {
    const isPerChannel = (tensor?: Tensor) => tensor?.rank === 1 && tensor.shape[0] === x?.shape.at(-1);
    return x?.dtype === 'float32' && x.size > 0 && [mean, variance, scale].every(isPerChannel);
  },
  gradient(dy, saved, { varianceEpsilon }) {
    const [x, mean, variance, scale] = saved as [Tensor, Tensor, Tensor, Tensor];
    const attrs = { varianceEpsilon: varianceEpsilon ?? 0 };
    // At once, not when the first is asked for: the tape would then dispose of the others with that one's scope.
    const sums = engine().runKernel(BATCH_NORM_SUMS, { x, dy, mean, variance, scale }, attrs) as unknown as Tensor[];
    const [dMean, dVariance, dScale, dOffset, factor] = sums as [Tensor, Tensor, Tensor, Tensor, Tensor];
    return {
      x: () => mul(dy, factor),
      mean: () => dMean,
      variance: () => dVariance,
      scale: () => dScale,
      offset: () => dOffset,
    };
  },
};
