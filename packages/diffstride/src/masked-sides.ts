// The sides of an image under their masks, as the spectral map wants them.
import type { SpectralMap, WeightedSide, Weights } from '@stridelab/spectral-pooling/spectral-map';
import { DiffStrideError } from './errors.ts';
import { type MaskedSide, maskedColumns, maskedRows, usedStrides } from './masks.ts';
import { checkedRules, checkedStrides, checkSides, type MaskOptions, type Rules } from './rules.ts';

/** Height and width, or the length alone, under their masks. */
export function maskedSides(
  operation: string,
  sides: readonly number[],
  values: readonly number[],
  rules: Rules,
): MaskedSide[] {
  if (!values.every(Number.isFinite)) throw new DiffStrideError(operation, 'strides must be finite', [...values]);
  const used = usedStrides(sides, values, rules);
  const last = sides.length - 1;
  const masks = sides.map((side, i) => (i < last ? maskedRows : maskedColumns)(side, used[i]!, rules));
  const lengths = masks.map(({ side }) => side.outputSize);
  if (lengths.some((length) => length < 2)) {
    throw new DiffStrideError(operation, 'the pooled map must be 2 or more on every side', lengths);
  }
  return masks;
}

/** The same for a size and strides as numbers, which are checked. */
export function askedSides(operation: string, size: unknown, strides: unknown, options: MaskOptions): MaskedSide[] {
  const rules = checkedRules(operation, options);
  if (!Array.isArray(size) || size.length < 1 || size.length > 2) {
    throw new DiffStrideError(operation, 'size must be a list of one or two sides', size);
  }
  checkSides(operation, size, rules);
  return maskedSides(operation, size, checkedStrides(operation, strides, rules.shared ? 1 : size.length), rules);
}

/** The map that keeps the masks' frequencies: as they are, or with `weights`. */
export function mapOf(masks: MaskedSide[], weights?: Weights[]): SpectralMap {
  const sides = masks.map(({ side }, i): WeightedSide => (weights ? { ...side, weights: weights[i]! } : side));
  return sides.length === 1 ? { width: sides[0]! } : { height: sides[0]!, width: sides[1]! };
}
