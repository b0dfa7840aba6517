// All parameters as one vector: what many small operations would do to each of them, a few large ones do to that.
import { concat, reshape, split, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';

export function flatten(tensors: readonly Tensor[]): Tensor1D {
  const vectors = tensors.map((tensor) => reshape(tensor, [tensor.size]) as Tensor1D);
  return vectors.length === 1 ? vectors[0]! : concat(vectors);
}

/** Undoes {@link flatten} for tensors of these shapes. */
export function unflatten(flat: Tensor1D, like: readonly Tensor[]): Tensor[] {
  const sizes = like.map(({ size }) => size);
  const vectors = sizes.length === 1 ? [flat] : split(flat, sizes);
  return vectors.map((vector, i) => reshape(vector, like[i]!.shape));
}

export function totalSize(tensors: readonly Tensor[]): number {
  return tensors.reduce((total, { size }) => total + size, 0);
}
