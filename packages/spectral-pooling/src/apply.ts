// How a chain of products meets the data. Each product is over the middle axis of (outer, n, inner).
import {
  concat,
  gatherND,
  getBackend,
  matMul,
  reshape,
  type Tensor,
  type Tensor2D,
  tensor2d,
  tidy,
  transpose,
} from '@tensorflow/tfjs-core';
import type { Step } from './steps.ts';

/**
 * Where products of many pairs of matrices are fast, one broadcast product is all it takes. The wasm backend multiplies fast
 * (XNNPACK) only one matrix by one other, best with the large one on the left, which it need not pack; and its
 * transposes cost little while the data stays in the cache. There the batch goes through in pieces of at most this many
 * numbers.
 */
const WASM_PIECE = 2 ** 18;

/** Multiplies the last axis but one of (..., n, inner). */
type Multiply = (x: Tensor) => Tensor;

export interface ApplyOptions {
  /** `x` is disposed of as soon as it has been read. */
  consume?: boolean;
  /** `x` is a result that was left in lines. */
  fromLines?: boolean;
  /** Leaves the result as it comes from the last product, its rows as the last axis, where that saves a transpose. */
  toLines?: boolean;
}

/** Whether the current backend multiplies lines, so that `fromLines` and `toLines` mean anything. */
export function worksInLines(): boolean {
  return getBackend() === 'wasm';
}

/** Applies `steps` to `x`, whose first axis is the batch and whose last one is `channels` long, giving (batch, values). */
export function applySteps(x: Tensor, steps: Step[], channels: number, options: ApplyOptions = {}): Tensor2D {
  const { consume = false, fromLines = false, toLines = false } = options;
  const batch = x.shape[0]!;
  if (!worksInLines()) return chain(x, consume, batch, steps, channels, steps.map(broadcastProduct));
  const products = steps.map((step, i) => singleProduct(step, fromLines && i === 0, toLines && i === steps.length - 1));
  const piece = Math.max(1, Math.floor((WASM_PIECE * batch) / Math.max(x.size, 1)));
  if (batch <= piece) return chain(x, consume, batch, steps, channels, products);
  const pieces: Tensor2D[] = [];
  for (let start = 0; start < batch; start += piece) {
    const size = Math.min(piece, batch - start);
    pieces.push(tidy(() => chain(examples(x, start, size), true, size, steps, channels, products)));
  }
  if (consume) x.dispose();
  const whole = concat(pieces);
  for (const part of pieces) part.dispose();
  return whole;
}

/** Like slice, but wasm's slice copies the whole tensor whatever its result's size. */
function examples(x: Tensor, start: number, count: number): Tensor {
  const rows = Int32Array.from({ length: count }, (_, i) => start + i);
  return gatherND(x, tensor2d(rows, [count, 1], 'int32'));
}

/** The products one after the other; nothing is held longer than it is needed. */
function chain(
  x: Tensor,
  consume: boolean,
  batch: number,
  steps: Step[],
  channels: number,
  products: Multiply[],
): Tensor2D {
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
  const flat = reshape(last, [batch, -1]) as Tensor2D;
  drop(last);
  return flat;
}

function broadcastProduct({ matrix }: Step): Multiply {
  const [rows, n] = matrix.shape;
  return (x) => {
    const inner = x.shape.at(-1)!;
    // Single channels are rows of a matrix, and one image is a matrix, as they lie.
    if (inner === 1) return matMul(reshape(x, [-1, n]), transpose(matrix));
    if (x.size === n * inner) return matMul(matrix, reshape(x, [n, inner]));
    return matMul(reshape(matrix, [1, rows, n]), x);
  };
}

function singleProduct({ matrix }: Step, fromLines: boolean, toLines: boolean): Multiply {
  const [rows, n] = matrix.shape;
  const right = transpose(matrix);
  return (x) => {
    const inner = x.shape.at(-1)!;
    const images = fromLines ? x : then(reshape(x, [-1, n, inner]), (seen) => transpose(seen, [0, 2, 1]));
    const lines = reshape(images, [-1, n]);
    if (!fromLines) images.dispose();
    const product = then(lines, (seen) => matMul(seen, right));
    if (toLines) return product;
    return then(
      then(product, (seen) => reshape(seen, [-1, inner, rows])),
      (seen) => transpose(seen, [0, 2, 1]),
    );
  };
}

/** f of a tensor that nobody needs afterwards. */
function then(x: Tensor, f: (x: Tensor) => Tensor): Tensor {
  const y = f(x);
  x.dispose();
  return y;
}
