import { askedSides } from './masked-sides.ts';
import type { MaskedSide } from './masks.ts';
import type { MaskOptions } from './rules.ts';

/** What a mask keeps of one side of an image. */
export interface MaskedFrequencies {
  /** Ascending. Of rows both signs; of columns, and of a signal, those of a real FFT, from zero on. */
  frequencies: number[];
  /** 0 to 1, one for each of them. */
  weights: number[];
}

/**
 * DiffStride's mask as numbers, to draw it or to look at: for each side the frequencies that it keeps, and how strongly.
 * The weight of a frequency of an image is the product of its row's and its column's.
 * `maskedFrequencies([32, 32], 2)` is of rows and of columns, `maskedFrequencies([100], 2)` of a signal.
 */
export function maskedFrequencies(
  size: readonly [number] | readonly [height: number, width: number],
  strides: number | readonly number[],
  options: MaskOptions = {},
): MaskedFrequencies[] {
  const sides = askedSides('maskedFrequencies', size, strides, options);
  return sides.map((side, i) => (i < sides.length - 1 ? ofRows : ofColumns)(side));
}

function ofColumns({ side: { bins }, weights }: MaskedSide): MaskedFrequencies {
  return { frequencies: bins.map(({ input }) => input), weights };
}

function ofRows({ side: { bins, inputSize, real }, weights }: MaskedSide): MaskedFrequencies {
  const rows = bins.flatMap(({ input }, i): [frequency: number, weight: number][] => {
    const weight = weights[i]!;
    // A row of a symmetric mask speaks for both signs; other rows are those of a DFT, negative ones last.
    if (real && input > 0)
      return [
        [-input, weight],
        [input, weight],
      ];
    return [[2 * input < inputSize ? input : input - inputSize, weight]];
  });
  rows.sort(([a], [b]) => a - b);
  return { frequencies: rows.map(([frequency]) => frequency), weights: rows.map(([, weight]) => weight) };
}
