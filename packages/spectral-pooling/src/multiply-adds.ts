// What a pooling costs.
import type { DataFormat } from './checks.ts';
import { sidesOf } from './images.ts';

/**
 * Multiply-adds of the matrix products that make an output of `outputShape`, both shapes with the batch: a matrix for each side,
 * the one first that leaves the other less to do. Images take them once for the real parts of both matrices and, unless
 * `real`, once more for the imaginary ones.
 */
export function multiplyAddsOf(
  inputShape: readonly number[],
  outputShape: readonly number[],
  { dataFormat, real = false }: { dataFormat: DataFormat; real?: boolean },
): number {
  const sides = sidesOf({ shape: inputShape }, dataFormat) as number[];
  const pooled = sidesOf({ shape: outputShape }, dataFormat) as number[];
  const channels = inputShape.at(dataFormat === 'channelsLast' ? -1 : 1)!;
  const [height, width] = sides as [number, number];
  const [h, w] = pooled as [number, number];
  if (sides.length === 1) return inputShape[0]! * channels * height * h;
  const rowsFirst = h * width * (height + w);
  const columnsFirst = w * height * (width + h);
  return inputShape[0]! * channels * Math.min(rowsFirst, columnsFirst) * (real ? 1 : 2);
}
