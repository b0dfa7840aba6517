// For tests: shapes that convolutions and products meet, and those at the edge of what they can.
import * as tf from '@tensorflow/tfjs-core';

type Pad = 'same' | 'valid' | number | [[number, number], [number, number], [number, number], [number, number]];

const explicit: Pad = [
  [0, 0],
  [1, 2],
  [0, 1],
  [0, 0],
];

export interface ConvCase {
  x: number[];
  filter: number[];
  strides?: number | [number, number];
  pad?: Pad;
}

export const CONVOLUTIONS: Readonly<Record<string, ConvCase>> = {
  '3x3 of fours': { x: [2, 8, 8, 4], filter: [3, 3, 4, 8] },
  '3x3, odd': { x: [2, 7, 5, 3], filter: [3, 3, 3, 5] },
  'more than a tile': { x: [3, 9, 8, 12], filter: [3, 3, 12, 68] },
  'more than a tile, odd': { x: [1, 11, 13, 9], filter: [3, 3, 9, 67] },
  valid: { x: [3, 9, 7, 6], filter: [3, 2, 6, 7], pad: 'valid' },
  'one image, one channel': { x: [1, 6, 6, 1], filter: [3, 3, 1, 1] },
  '7x7, stride 2': { x: [2, 14, 14, 3], filter: [7, 7, 3, 16], strides: 2 },
  '3x3, stride 2': { x: [2, 8, 8, 8], filter: [3, 3, 8, 16], strides: 2 },
  '3x3, stride 2, odd': { x: [2, 7, 9, 4], filter: [3, 3, 4, 8], strides: 2 },
  'stride 2, a row left over': { x: [1, 8, 8, 3], filter: [3, 3, 3, 4], strides: 2, pad: 'valid' },
  'stride 3': { x: [2, 10, 11, 5], filter: [3, 3, 5, 6], strides: 3 },
  'pixels that nothing reads': { x: [1, 9, 9, 2], filter: [2, 2, 2, 3], strides: 3, pad: 'valid' },
  'strides that differ': { x: [2, 9, 8, 3], filter: [3, 5, 3, 4], strides: [1, 2] },
  '1x1': { x: [2, 5, 6, 7], filter: [1, 1, 7, 9] },
  '1x1 of fours': { x: [2, 5, 6, 8], filter: [1, 1, 8, 12] },
  '1x1, stride 2': { x: [2, 6, 5, 8], filter: [1, 1, 8, 4], strides: 2 },
  'filter larger than the map': { x: [2, 3, 2, 4], filter: [5, 7, 4, 3] },
  'filter larger than the map, stride 2': { x: [1, 3, 3, 2], filter: [7, 7, 2, 2], strides: 2 },
  'more padding than the filter reaches': { x: [1, 4, 4, 2], filter: [1, 1, 2, 3], pad: 2 },
  'explicit padding': { x: [2, 6, 6, 3], filter: [3, 3, 3, 4], pad: explicit },
  'explicit padding, stride 2': { x: [2, 7, 6, 4], filter: [3, 3, 4, 4], strides: 2, pad: explicit },
};

export const convolution =
  ({ strides = 1, pad = 'same' }: ConvCase) =>
  (x: tf.Tensor, filter: tf.Tensor): tf.Tensor =>
    tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, strides, pad as 'same');

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
