import { add, reshape, type Tensor } from '@tensorflow/tfjs-core';

/** y (..., out) + bias (out). As a matrix, because webgpu adds a vector to up to four axes alone. */
export function addBias(y: Tensor, bias: Tensor | undefined): Tensor {
  return bias ? reshape(add(reshape(y, [-1, bias.size]), bias), y.shape) : y;
}
