// For tests: matrix products that are met, and those at the edge of what they can.
import * as tf from '@tensorflow/tfjs-core';

export interface ProductCase {
  a: number[];
  b: number[];
  transposeA?: boolean;
  transposeB?: boolean;
  /** TF.js has no gradient for matrices that are repeated. */
  shared?: boolean;
}

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
  'batches, both transposed': { a: [3, 8, 6], b: [3, 12, 8], transposeA: true, transposeB: true },
};

export const product =
  ({ transposeA = false, transposeB = false }: ProductCase) =>
  (a: tf.Tensor, b: tf.Tensor): tf.Tensor =>
    tf.matMul(a, b, transposeA, transposeB);
