import { checkN, checkOptions, checkWidths } from './checks.ts';
import { PhcConvError } from './errors.ts';

/** What decides how many parameters a hypercomplex layer has. */
export interface LayerSize {
  /** Components of a hypercomplex number. */
  n: number;
  /** Output channels (units of a dense layer). */
  filters: number;
  /** Input channels. */
  channels: number;
  /** Sides of the kernel, one per spatial axis; one number is a square, as in PHCConv2D. None for a dense layer. */
  kernelSize?: number | readonly number[];
  /** Default true, as in every layer. */
  useBias?: boolean;
}

/**
 * Number of parameters of a hypercomplex layer, as `model.summary()` shows it:
 * `n^3 + taps * channels * filters / n + filters`, the last for the bias. A plain layer has
 * `taps * channels * filters + filters`.
 */
export function parameterCount(size: LayerSize): number {
  checkOptions('parameterCount', size, 'n', 'filters', 'channels', 'kernelSize', 'useBias');
  const { n, filters, channels, kernelSize = [], useBias = true } = size;
  checkN('parameterCount', n);
  checkWidths('parameterCount', n, { in: channels, out: filters });
  const sides = typeof kernelSize === 'number' ? [kernelSize, kernelSize] : kernelSize;
  if (!Array.isArray(sides) || !sides.every((side) => Number.isInteger(side) && side >= 1))
    throw new PhcConvError('parameterCount', 'kernelSize must be integers >= 1', kernelSize);
  const taps = sides.reduce((a, b) => a * b, 1);
  return n ** 3 + (taps * channels * filters) / n + (useBias ? filters : 0);
}
