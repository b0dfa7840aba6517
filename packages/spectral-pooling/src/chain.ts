// How a chain of products meets the data. Each product is over the middle axis of (outer, n, inner).
import { matMul, reshape, type Tensor, type Tensor3D, tidy, transpose } from '@tensorflow/tfjs-core';
import { chainOfLines, worksInLines } from './lines.ts';
import type { Step } from './steps.ts';

export interface ChainOptions {
  /** `x` is disposed of as soon as it has been read. */
  consume?: boolean;
  /** Leaves the result as it comes from the last product: in lines (batch, channels, values), where these are worked in. */
  toLines?: boolean;
}

/** Takes images (batch, ..., channels) to (batch, values, channels). */
export type Chain = (x: Tensor, options?: ChainOptions) => Tensor3D;

/** `steps` one after the other, by operations that every backend has. Nothing is held longer than it is needed. */
export function chainOf(steps: Step[]): Chain {
  return worksInLines() ? chainOfLines(steps) : chainOfStacks(steps);
}

/** How many numbers the matrices of a chain have. */
export function constantsOf(steps: Step[]): number {
  return steps.reduce((sum, { matrix }) => sum + matrix.size, 0);
}

/** The most numbers that a chain holds at once for `values` of x. Neither these are counted nor the matrices. */
export function heldBy(steps: Step[], values: number): number {
  let [most, current] = [0, 0];
  let seen = values;
  for (const { rows, n } of steps) {
    const next = (seen / n) * rows;
    most = Math.max(most, current + next);
    current = seen = next;
  }
  return most;
}

/** Where products of many pairs of matrices are fast, one broadcast product is all it takes. */
function chainOfStacks(steps: Step[]): Chain {
  return (x, { consume = false } = {}) => {
    const [batch, channels] = [x.shape[0]!, x.shape.at(-1)!];
    const drop = (tensor: Tensor) => {
      if (tensor !== x || consume) tensor.dispose();
    };
    const last = steps.reduce((current, { matrix, n, inner }) => {
      const length = inner * channels;
      const lies = current.shape.at(-1) === length && current.shape.at(-2) === n;
      const seen = lies ? current : reshape(current, [-1, n, length]);
      if (!lies) drop(current);
      const next = tidy(() => broadcastProduct(matrix, seen));
      drop(seen);
      return next;
    }, x);
    const result = reshape(last, [batch, -1, channels]) as Tensor3D;
    last.dispose();
    return result;
  };
}

function broadcastProduct(matrix: Step['matrix'], x: Tensor): Tensor {
  const [rows, n] = matrix.shape;
  const inner = x.shape.at(-1)!;
  // Single channels are rows of a matrix, and one image is a matrix, as they lie.
  if (inner === 1) return matMul(reshape(x, [-1, n]), transpose(matrix));
  if (x.size === n * inner) return matMul(matrix, reshape(x, [n, inner]));
  return matMul(reshape(matrix, [1, rows, n]), x);
}
