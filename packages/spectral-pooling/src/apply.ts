// How a chain of products meets the data. Each product is over the middle axis of (outer, n, inner).
import { matMul, reshape, type Tensor, type Tensor2D, tidy, transpose, util, zeros } from '@tensorflow/tfjs-core';
import { chainOfLines, worksInLines } from './lines.ts';
import type { Step } from './steps.ts';

export interface ApplyOptions {
  /** `x` is disposed of as soon as it has been read. */
  consume?: boolean;
  /** `x` is a result that was left in lines. */
  fromLines?: boolean;
  /** Leaves the result as it comes from the last product, its rows as the last axis, where that saves a transpose. */
  toLines?: boolean;
}

/** Takes images whose first axis is the batch to (batch, values). */
export type Chain = (x: Tensor, options?: ApplyOptions) => Tensor2D;

/** `steps` one after the other, ready for images of so many channels. Nothing is held longer than it is needed. */
export function chainOf(steps: Step[], channels: number): Chain {
  const chain = worksInLines() ? chainOfLines(steps, channels) : chainOfStacks(steps, channels);
  return (x, options = {}) => (x.size === 0 ? nothing(x, steps) : chain(x, options));
}

/** Of no image or no channel at all, which backends do not multiply. */
function nothing(x: Tensor, steps: Step[]): Tensor2D {
  const values = steps.reduce(
    (n, { matrix }) => (n / matrix.shape[1]) * matrix.shape[0],
    util.sizeFromShape(x.shape.slice(1)),
  );
  return zeros([x.shape[0]!, values]);
}

/** Where products of many pairs of matrices are fast, one broadcast product is all it takes. */
function chainOfStacks(steps: Step[], channels: number): Chain {
  const products = steps.map(broadcastProduct);
  return (x, { consume = false } = {}) => {
    const [batch] = x.shape as [number];
    const drop = (tensor: Tensor) => {
      if (tensor !== x || consume) tensor.dispose();
    };
    const last = steps.reduce((current, { matrix, inner }, i) => {
      const length = inner * channels;
      const lies = current.shape.at(-1) === length && current.shape.at(-2) === matrix.shape[1];
      const seen = lies ? current : reshape(current, [-1, matrix.shape[1], length]);
      if (!lies) drop(current);
      const next = tidy(() => products[i]!(seen));
      drop(seen);
      return next;
    }, x);
    return then(last, (seen) => reshape(seen, [batch, -1])) as Tensor2D;
  };
}

function broadcastProduct({ matrix }: Step): (x: Tensor) => Tensor {
  const [rows, n] = matrix.shape;
  const [left, right] = [reshape(matrix, [1, rows, n]), transpose(matrix)];
  return (x) => {
    const inner = x.shape.at(-1)!;
    // Single channels are rows of a matrix, and one image is a matrix, as they lie.
    if (inner === 1) return matMul(reshape(x, [-1, n]), right);
    if (x.size === n * inner) return matMul(matrix, reshape(x, [n, inner]));
    return matMul(left, x);
  };
}

/** f of a tensor that nobody needs afterwards. */
function then(x: Tensor, f: (x: Tensor) => Tensor): Tensor {
  const y = f(x);
  x.dispose();
  return y;
}
