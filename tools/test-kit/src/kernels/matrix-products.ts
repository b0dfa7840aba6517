// Matrix products that are met, and those at the edge of what kernels can: for the packages that have kernels of their own for them.
import * as tf from '@tensorflow/tfjs-core';

export interface ProductCase {
  /** As they lie, transposed or not. */
  a: number[];
  b: number[];
  transposeA?: boolean;
  transposeB?: boolean;
  /** TF.js has no gradient for matrices that are repeated. */
  shared?: boolean;
}

/** By what is special about each. */
export const PRODUCTS: Readonly<Record<string, ProductCase>> = {
  'a tile and more': { a: [70, 40], b: [40, 68] },
  odd: { a: [5, 37], b: [37, 67] },
  'A transposed': { a: [40, 68], b: [40, 12], transposeA: true },
  'A transposed, odd': { a: [37, 5], b: [37, 3], transposeA: true },
  'B transposed': { a: [9, 24], b: [36, 24], transposeB: true },
  'B transposed, odd': { a: [9, 23], b: [35, 23], transposeB: true },
  'both transposed': { a: [24, 8], b: [12, 24], transposeA: true, transposeB: true },
  'both transposed, odd': { a: [23, 7], b: [11, 23], transposeA: true, transposeB: true },
  'one number': { a: [1, 1], b: [1, 1] },
  'a row and a column': { a: [1, 129], b: [129, 1] },
  'a column and a row': { a: [33, 1], b: [1, 66] },
  batches: { a: [3, 5, 8], b: [3, 8, 6] },
  'batches of batches': { a: [2, 3, 4, 8], b: [2, 3, 8, 8] },
  'one B for all': { a: [3, 5, 8], b: [1, 8, 12], shared: true },
  'one A for all, as spectral layers have it': { a: [1, 6, 9], b: [5, 9, 20], shared: true },
  'one A for all, transposed': { a: [1, 9, 6], b: [4, 9, 5], transposeA: true, shared: true },
  'one B for all, A transposed': { a: [3, 8, 5], b: [1, 8, 12], transposeA: true, shared: true },
  'one B for all, of fewer axes': { a: [3, 5, 8], b: [8, 12], shared: true },
  'one A for all, of fewer axes': { a: [5, 7], b: [1, 7, 9], shared: true },
  'one A for all, of more axes': { a: [1, 1, 5, 7], b: [4, 7, 9], shared: true },
  'batches, one of more axes': { a: [2, 5, 7], b: [1, 2, 7, 9], shared: true },
  'nothing to add up': { a: [9, 0], b: [0, 3] },
  'batches, both transposed': { a: [3, 8, 6], b: [3, 12, 8], transposeA: true, transposeB: true },
};

export const product =
  ({ transposeA = false, transposeB = false }: ProductCase) =>
  (a: tf.Tensor, b: tf.Tensor): tf.Tensor =>
    tf.matMul(a, b, transposeA, transposeB);

/** The same product of operands that lie the other way. */
export function flipped(options: ProductCase, flipA: boolean, flipB: boolean): ProductCase {
  const { a, b, transposeA = false, transposeB = false } = options;
  const flip = (shape: number[], isFlipped: boolean) =>
    isFlipped ? [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!] : shape;
  const [flippedA, flippedB] = [flip(a, flipA), flip(b, flipB)];
  return { ...options, a: flippedA, b: flippedB, transposeA: transposeA !== flipA, transposeB: transposeB !== flipB };
}
