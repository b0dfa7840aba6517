// A chain of products of small matrices with an axis of images, as @stridelab/spectral-pooling says.
import { type NamedTensorInfoMap, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { linear } from '../../gemm/operand.ts';
import { denseOutput, type Output } from '../../gemm/output.ts';
import { multiply, type Product } from '../../gemm/product.ts';
import type { KernelCall } from '../kernel.ts';

/** Product i is of matrices[i] (rows, n) with the middle axis of (outer, n, inner[i] * channels). */
export interface Chain {
  name: string;
  x: TensorInfo;
  channels: number;
  matrices: readonly TensorInfo[];
  inner: readonly number[];
}

/** Examples of the batch, from the first to before the last. */
export type Range = readonly [from: number, to: number];

/** The most pieces that a batch falls into, which are enough for any map. */
const PIECES = 4;

export function matricesOf(inputs: NamedTensorInfoMap, name: string, count: number): TensorInfo[] {
  return Array.from({ length: count }, (_, i) => inputs[`${name}${i}`]!);
}

/** Numbers of x and of what each product makes. */
export function sizesOf({ x, matrices }: Chain): number[] {
  const sizes = [util.sizeFromShape(x.shape)];
  for (const { shape } of matrices) sizes.push((sizes.at(-1)! / shape[1]!) * shape[0]!);
  return sizes;
}

/** The most numbers that the chain holds at once beside x, its result included. */
export function heldBy(chain: Chain): number {
  const [, ...made] = sizesOf(chain);
  return Math.max(0, ...made.map((size, i) => size + (i > 0 ? made[i - 1]! : 0)));
}

/** The batch in as few pieces as fit: as a whole, if it does. `held` is what a piece holds at once, by its share of the batch. */
export function piecesOf(batch: number, held: (share: number) => number, room: number): Range[] {
  let count = 1;
  while (count < Math.min(PIECES, batch) && held(Math.ceil(batch / count) / batch) > room) count++;
  return Array.from({ length: count }, (_, i) => [
    Math.floor((i * batch) / count),
    Math.floor(((i + 1) * batch) / count),
  ]);
}

export function withoutLast(chain: Chain): Chain {
  return { ...chain, matrices: chain.matrices.slice(0, -1), inner: chain.inner.slice(0, -1) };
}

/** The chain on some examples, to `last` or to a new tensor (examples, numbers). */
export function runChain(call: KernelCall<never>, chain: Chain, [from, to]: Range, last?: Output): TensorInfo {
  const { backend, abilities } = call;
  const { x, matrices } = chain;
  const perExample = util.sizeFromShape(x.shape) / x.shape[0]!;
  let [current, size, start] = [x, perExample * (to - from), perExample * from];
  for (const [i, matrix] of matrices.entries()) {
    const next = (size / matrix.shape[1]!) * matrix.shape[0]!;
    const isLast = i === matrices.length - 1;
    const output = (isLast && last) || denseOutput([to - from, next / (to - from)]);
    const made = multiply(backend, abilities, { ...productOf(chain, i, current, size, start), output });
    if (current !== x) backend.disposeData(current.dataId);
    [current, size, start] = [made, next, 0];
  }
  return current;
}

function productOf({ name, channels, matrices, inner }: Chain, i: number, x: TensorInfo, size: number, start: number) {
  const matrix = matrices[i]!;
  const [rows, n] = matrix.shape as [number, number];
  const columns = inner[i]! * channels;
  const outer = size / n / columns;
  const given = { tensor: x, ...(start > 0 && { start }) };
  const product: Omit<Product, 'output' | 'leaves'> =
    columns > 1
      ? {
          ...{ name, batch: outer, rows, columns, inner: n },
          a: linear('A', { tensor: matrix, contiguous: 'inner', length: n }),
          b: linear('B', { ...given, contiguous: 'outer', length: columns, batchStride: n * columns }),
        }
      : {
          // Single numbers in a row are rows of a matrix, as they lie.
          ...{ name, batch: 1, rows: outer, columns: rows, inner: n },
          a: linear('A', { ...given, contiguous: 'inner', length: n }),
          b: linear('B', { tensor: matrix, contiguous: 'inner', length: n }),
        };
  return { ...product, leaves: true };
}
