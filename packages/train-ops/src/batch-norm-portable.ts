// Batch normalization in training out of the operations that every backend has.
import {
  batchNorm,
  fill,
  getBackend,
  matMul,
  mean,
  mul,
  relu,
  reshape,
  squaredDifference,
  step,
  sub,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  zerosLike,
} from '@tensorflow/tfjs-core';

export interface BatchNormAttributes {
  epsilon: number;
  relu: boolean;
}

/**
 * Means of each channel. As products with a column of 1 / rows, since most backends transpose all of x before they sum over
 * any axis but the last, and all multiply matrices well; but for wasm, which packs the matrix anew for every product, and
 * with @stridelab/wasm sums any axis at once.
 */
function channelMeans(x: Tensor): (tensor: Tensor) => Tensor1D {
  const channels = x.shape.at(-1)!;
  const count = x.size / channels;
  if (getBackend() === 'wasm') return (tensor) => mean(tensor, range(tensor.rank - 1));
  const weights = fill([count, 1], 1 / count) as Tensor2D;
  return (tensor) => reshape(matMul(reshape(tensor, [count, channels]) as Tensor2D, weights, true), [channels]);
}

const range = (length: number) => Array.from({ length }, (_, i) => i);

/** y, mean and variance. */
export function batchNormForward(
  { x, gamma, beta }: { x: Tensor; gamma: Tensor1D; beta: Tensor1D },
  { epsilon, relu: rectified }: BatchNormAttributes,
): [Tensor, Tensor1D, Tensor1D] {
  const means = channelMeans(x);
  const average = means(x);
  const variance = means(squaredDifference(x, average));
  const normal = affine(x, { mean: average, variance, offset: beta, scale: gamma }, epsilon);
  return [rectified ? relu(normal) : normal, average, variance];
}

/**
 * dx, dGamma and dBeta. With n = (x - mean) / sqrt(variance + epsilon), and dy counting where y > 0 if there was a ReLU,
 *
 *   dx = gamma / sqrt(variance + epsilon) * (dy - mean(dy) - n * mean(dy * n))
 */
export function batchNormBackward(
  { dy, x, y, gamma, mean, variance }: Record<'dy' | 'x' | 'gamma' | 'mean' | 'variance', Tensor> & { y?: Tensor },
  { epsilon }: BatchNormAttributes,
): [Tensor, Tensor, Tensor] {
  const means = channelMeans(x);
  const passed = y ? mul(dy, step(y)) : dy;
  const meanDy = means(passed);
  const meanDyN = means(mul(passed, affine(x, { mean, variance }, epsilon)));
  const rest = sub(passed, affine(x, { mean, variance, offset: meanDy, scale: meanDyN }, epsilon));
  const dx = affine(rest, { mean: zerosLike(mean), variance, scale: gamma }, epsilon);
  const count = x.size / x.shape.at(-1)!;
  return [dx, mul(meanDyN, count), mul(meanDy, count)];
}

/** (x - mean) * scale / sqrt(variance + epsilon) + offset in one pass over x, which multiplying and adding would not be. */
function affine(
  x: Tensor,
  { mean, variance, offset, scale }: Record<'mean' | 'variance', Tensor> & Partial<Record<'offset' | 'scale', Tensor>>,
  epsilon: number,
): Tensor {
  return batchNorm(x as never, mean as never, variance as never, offset as never, scale as never, epsilon) as Tensor;
}
