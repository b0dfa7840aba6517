// Batch normalization in training out of the operations that every backend has, on rows (positions, channels).
import {
  add,
  batchNorm,
  fill,
  matMul,
  mul,
  relu,
  reshape,
  rsqrt,
  squaredDifference,
  step,
  sub,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
} from '@tensorflow/tfjs-core';

export interface BatchNormAttributes {
  epsilon: number;
  relu: boolean;
}

/**
 * Means over rows are products with a row of 1 / rows: every backend multiplies matrices well, and most of them transpose
 * all of x before they sum over any axis but the last.
 */
function averager(x: Tensor): { rows: (tensor: Tensor) => Tensor2D; average: (rows: Tensor2D) => Tensor1D } {
  const channels = x.shape.at(-1)!;
  const count = x.size / channels;
  const weights = fill([1, count], 1 / count) as Tensor2D;
  return {
    rows: (tensor) => reshape(tensor, [count, channels]),
    average: (rows) => reshape(matMul(weights, rows), [channels]),
  };
}

/** y, mean and variance. */
export function batchNormForward(
  { x, gamma, beta }: { x: Tensor; gamma: Tensor1D; beta: Tensor1D },
  { epsilon, relu: rectified }: BatchNormAttributes,
): [Tensor, Tensor1D, Tensor1D] {
  const { rows, average } = averager(x);
  const flat = rows(x);
  const mean = average(flat);
  const variance = average(squaredDifference(flat, mean));
  const normal = batchNorm(
    x as never,
    mean as never,
    variance as never,
    beta as never,
    gamma as never,
    epsilon,
  ) as Tensor;
  return [rectified ? relu(normal) : normal, mean, variance];
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
  const { rows, average } = averager(x);
  /** n * scale + offset in one pass over x. */
  const normalized = (offset?: Tensor, scale?: Tensor) =>
    batchNorm(x as never, mean as never, variance as never, offset as never, scale as never, epsilon) as Tensor;
  const passed = y ? mul(dy, step(y)) : dy;
  const meanDy = average(rows(passed));
  const meanDyN = average(rows(mul(passed, normalized())));
  const slope = mul(gamma, rsqrt(add(variance, epsilon)));
  const dx = mul(sub(passed, normalized(meanDy, meanDyN)), slope);
  const count = x.size / x.shape.at(-1)!;
  return [dx, mul(meanDyN, count), mul(meanDy, count)];
}
