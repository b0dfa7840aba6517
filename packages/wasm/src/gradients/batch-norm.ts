// Gradient of tf.batchNorm over the last axis. TF.js puts it together from 40 operations on whole feature maps; all that
// it needs are two sums over the rows.
import type { BackendGradient } from '@stridelab/registration';
import { engine, FusedBatchNorm, type Tensor, tidy, zerosLike } from '@tensorflow/tfjs-core';
import { BatchNormSums } from '../kernels/batch-norm-sums.ts';

/**
 * With r = 1 / sqrt(variance + epsilon), s0 = sum dY and s1 = sum dY (X - mean):
 *   dX = dY scale r,  dMean = -s0 scale r,  dVariance = -s1 scale r^3 / 2,  dScale = s1 r,  dOffset = s0
 */
export const batchNormGradient: BackendGradient = {
  kernelName: FusedBatchNorm,
  takes([x, mean, variance, scale]) {
    const isPerChannel = (tensor?: Tensor) => tensor?.rank === 1 && tensor.shape[0] === x?.shape.at(-1);
    return x?.dtype === 'float32' && [mean, variance, scale].every(isPerChannel);
  },
  gradient(dy, saved, { varianceEpsilon }) {
    const [x, mean, variance, scale] = saved as [Tensor, Tensor, Tensor, Tensor];
    const attrs = { varianceEpsilon: varianceEpsilon ?? 0 };
    // At once, not when the first is asked for: the tape would then dispose of the others with that one's scope.
    const inputs = { x, dy, mean, variance, scale };
    const perChannel = engine().runKernel(BatchNormSums, inputs, attrs) as unknown as Tensor[];
    return {
      // The forward formula, without mean and offset.
      x: () =>
        tidy(
          () => engine().runKernel(FusedBatchNorm, { x: dy, mean: zerosLike(mean), variance, scale }, attrs) as Tensor,
        ),
      mean: () => perChannel[0]!,
      variance: () => perChannel[1]!,
      scale: () => perChannel[2]!,
      offset: () => perChannel[3]!,
    };
  },
};
