import { askedSides } from './masked-sides.ts';
import type { MaskOptions } from './rules.ts';

/**
 * The size of DiffStride's output: pure arithmetic, for sizes and strides as numbers.
 * `downsampledSize([32, 32], 2)` is `[24, 24]`, `downsampledSize([100], 2)` that of a signal.
 * The mask's kind has no influence: 'symmetric' keeps the sizes of 'published'.
 */
export function downsampledSize(
  size: readonly [number] | readonly [height: number, width: number],
  strides: number | readonly number[],
  options: MaskOptions = {},
): number[] {
  return askedSides('downsampledSize', size, strides, options).map(({ side }) => side.outputSize);
}
