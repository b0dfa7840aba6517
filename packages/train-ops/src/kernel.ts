// The seam at which a backend may put a kernel of its own in the place of several of TF.js's.
//
// An operation here runs the kernel of its name where the current backend has one (`tf.registerKernel`), and otherwise
// its portable form. What each kernel takes and gives is said beside its name; all tensors are float32.
import { engine, getBackend, getKernel, type NamedTensorMap, type Tensor } from '@tensorflow/tfjs-core';

/** Names of the kernels that a backend may implement. */
export const KERNELS = {
  /**
   * Inputs x (..., channels), gamma (channels), beta (channels), and where moving statistics are kept movingMean (channels)
   * and movingVariance (channels); attributes epsilon, relu, and with the moving inputs momentum.
   * Outputs y as x, mean (channels), variance (channels, biased), and with the moving inputs nextMovingMean and
   * nextMovingVariance (channels): moving + (latest - moving) * (1 - momentum).
   */
  batchNormTrain: 'StridelabBatchNormTrain',
  /**
   * Inputs dy, x, gamma, mean, variance, and y where relu is true: dy counts where y > 0. Attributes epsilon, relu.
   * Outputs dx as x, dGamma (channels), dBeta (channels).
   */
  batchNormTrainGrad: 'StridelabBatchNormTrainGrad',
  /**
   * Inputs logits (rows, classes), labels (rows, classes); attribute labelSmoothing.
   * Outputs losses (rows), dLogits (rows, classes), the gradient of the losses' sum.
   */
  softmaxCrossEntropy: 'StridelabSoftmaxCrossEntropy',
  /**
   * Inputs weight0 ... and gradient0 ... of any shapes, and velocity0 ... for each bucket of weights. Attributes
   * learningRate, momentum, nesterov, weightDecay, decoupled, and for every weight `buckets`, the number of the bucket that
   * it is in, and `decays`, its factor of the decay. A bucket holds the numbers of its weights one after another.
   * Where the caller has the learning rate as a tensor, it is the input learningRate () and no attribute.
   * Outputs the next weight0 ..., velocity0 ...
   *
   * An output may be its input, moved in place: a TensorInfo of the same dataId, with the reference counted up. Such a kernel
   * has to leave alone what other tensors share (reference count above 1), which must keep their values, and to drop what its
   * backend has made of the old values: copies that were read, filters packed for a convolution.
   */
  sgdMomentumUpdate: 'StridelabSgdMomentumUpdate',
  /**
   * The same with moment10 ... and moment20 ... in the place of velocity0 ..., and beta1, beta2, epsilon and step (from 1,
   * or as a tensor the input step () and no attribute) in the place of momentum and nesterov.
   * Outputs the next weight0 ..., moment10 ..., moment20 ...
   */
  adamUpdate: 'StridelabAdamUpdate',
  /**
   * Inputs x, draw (2), a seed and a step; attributes threshold, scale. Output x * scale, or x * 0 where the number drawn for the place
   * of the value is below threshold: which number that is, draws.ts says.
   */
  dropout: 'StridelabDropout',
} as const;

type Attributes = Record<string, number | boolean | number[]>;

/** Whether the current backend has a kernel of this name. */
export const hasKernel = (name: string) => getKernel(name, getBackend()) !== undefined;

/** Runs the current backend's kernel `name`, or `portable` where it has none. */
export function runKernelOr(
  name: string,
  inputs: NamedTensorMap,
  attrs: Attributes,
  portable: () => Tensor[],
): Tensor[] {
  if (!hasKernel(name)) return portable();
  return engine().runKernel(name, inputs, attrs) as Tensor[];
}
