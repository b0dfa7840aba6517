// The seam at which a backend may put a kernel of its own in the place of several of TF.js's.
//
// An operation here runs the kernel of its name where the current backend has one (`tf.registerKernel`), and otherwise
// its portable form. What each kernel takes and gives is said beside its name; all tensors are float32.
import { engine, getBackend, getKernel, type NamedTensorMap, type Tensor } from '@tensorflow/tfjs-core';

/** Names of the kernels that a backend may implement. */
export const KERNELS = {
  /**
   * Inputs x (..., channels), gamma (channels), beta (channels); attributes epsilon, relu.
   * Outputs y as x, mean (channels), variance (channels, biased).
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
   * Inputs weight0 ... and gradient0 ... of any shape, velocity (total size), and decays (total size) or not; attributes
   * count, learningRate, momentum, nesterov, weightDecay, decoupled. Outputs velocity, weight0 ...
   */
  sgdMomentumUpdate: 'StridelabSgdMomentumUpdate',
  /**
   * Inputs as above with moment1 and moment2 (total size) in the place of velocity; attributes count, learningRate, beta1,
   * beta2, epsilon, step (from 1), weightDecay, decoupled. Outputs moment1, moment2, weight0 ...
   */
  adamUpdate: 'StridelabAdamUpdate',
} as const;

type Attributes = Record<string, number | boolean>;

/** Runs the current backend's kernel `name`, or `portable` where it has none. */
export function runKernelOr(
  name: string,
  inputs: NamedTensorMap,
  attrs: Attributes,
  portable: () => Tensor[],
): Tensor[] {
  if (!getKernel(name, getBackend())) return portable();
  return engine().runKernel(name, inputs, attrs) as Tensor[];
}
