import { DiffStrideError } from './errors.ts';
import { maskedSides } from './masked-sides.ts';
import { checkedRules, checkedStrides, checkSides, type MaskOptions } from './rules.ts';

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
  const rules = checkedRules('downsampledSize', options);
  if (!Array.isArray(size) || size.length < 1 || size.length > 2) {
    throw new DiffStrideError('downsampledSize', 'size must be a list of one or two sides', size);
  }
  checkSides('downsampledSize', size, rules);
  const values = checkedStrides('downsampledSize', strides, rules.shared ? 1 : size.length);
  return maskedSides('downsampledSize', size, values, rules).map(({ side }) => side.outputSize);
}
