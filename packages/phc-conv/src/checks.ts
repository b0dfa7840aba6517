// The rules that a call must keep before any tensor is made.
import { areOptions } from '@stridelab/errors';
import { Tensor } from '@tensorflow/tfjs-core';
import { PhcConvError } from './errors.ts';

/** A name that is not there, and a bias or a stride in the place of options, would be ignored without a word. */
export function checkOptions(operation: string, options: unknown, ...names: string[]): void {
  if (areOptions(options, names)) return;
  throw new PhcConvError(operation, `options must be some of {${names.join(', ')}}`, options);
}

export function checkN(operation: string, n: number): void {
  if (!Number.isInteger(n) || n < 1) throw new PhcConvError(operation, 'n must be an integer >= 1', n);
}

/** TF.js would refuse some of these later, in words of its own, and of some compute whole numbers without a word. */
function checkTensor(operation: string, name: string, x: unknown): void {
  if (!(x instanceof Tensor)) throw new PhcConvError(operation, `${name} must be a tensor`, x);
  if (x.isDisposed) throw new PhcConvError(operation, `${name} must not be disposed`, x.shape);
  if (x.dtype !== 'float32') throw new PhcConvError(operation, `${name} must be float32`, x.dtype);
}

/** `8 and 12` for width 10 and n = 4; the smallest width that fits is n itself. */
function nearestWidths(width: number, n: number): string {
  const below = Math.floor(width / n) * n;
  return below > 0 ? `${below} and ${below + n}` : `${n}`;
}

/** Input and output widths must be multiples of n; the error names each that is not, and the nearest that would be. */
export function checkWidths(operation: string, n: number, widths: { in?: number; out?: number }): void {
  const fits = (width: number) => width >= n && width % n === 0;
  const failing = (['in', 'out'] as const).filter((side) => side in widths && !fits(widths[side]!));
  if (failing.length === 0) return;
  const rules = failing.map((side) => {
    const nearest = nearestWidths(widths[side]!, n);
    return `${side}put channels must be a multiple of n = ${n} (nearest: ${nearest})`;
  });
  const got = failing.length === 1 ? widths[failing[0]!] : widths;
  throw new PhcConvError(operation, rules.join(', '), got);
}

/** n of an algebra (n, n, n) and filters (n, ...spatial, in / n, out / n) of `spatialRank` spatial axes, if they fit. */
export function checkAlgebraAndFilters(
  operation: string,
  algebra: Tensor,
  filters: Tensor,
  spatialRank?: number,
): number {
  checkTensor(operation, 'algebra', algebra);
  checkTensor(operation, 'filters', filters);
  const [n] = algebra.shape;
  if (algebra.rank !== 3 || !algebra.shape.every((side) => side === n) || !n)
    throw new PhcConvError(operation, 'algebra must have shape (n, n, n) with n >= 1', algebra.shape);
  const wanted = spatialRank === undefined ? '(n, ...spatial, in / n, out / n)' : filterShapeInWords(spatialRank);
  const rankFits = spatialRank === undefined ? filters.rank >= 3 : filters.rank === spatialRank + 3;
  if (!rankFits || filters.shape[0] !== n || filters.size === 0)
    throw new PhcConvError(operation, `filters must have shape ${wanted} with n = ${n} of the algebra`, filters.shape);
  return n;
}

const SPATIAL = ['depth', 'height', 'width'];

function filterShapeInWords(spatialRank: number): string {
  return `(${['n', ...SPATIAL.slice(3 - spatialRank), 'in / n', 'out / n'].join(', ')})`;
}

/** (batch, ...spatial, channels) or (batch, channels, ...spatial). */
export type DataFormat = 'channelsLast' | 'channelsFirst';

export interface InputCheck {
  /** Any from 2 on where it is not given. */
  rank?: number;
  n: number;
  /** Channels that the filters were made for. */
  channels: number;
  dataFormat?: DataFormat;
}

/** The input has the rank and the channels that the filters want. */
export function checkInput(operation: string, x: Tensor, { rank, n, channels, dataFormat }: InputCheck): void {
  checkTensor(operation, 'x', x);
  if (rank === undefined ? x.rank < 2 : x.rank !== rank)
    throw new PhcConvError(operation, `x must have rank ${rank ?? '2 or more'}`, x.shape);
  const got = x.shape.at(dataFormat === 'channelsFirst' ? 1 : -1)!;
  checkWidths(operation, n, { in: got });
  if (got !== channels) throw new PhcConvError(operation, `x must have ${channels} channels, as the filters do`, got);
}

export function checkBias(operation: string, bias: Tensor | undefined, channels: number): void {
  if (!bias) return;
  checkTensor(operation, 'bias', bias);
  if (bias.rank !== 1 || bias.shape[0] !== channels)
    throw new PhcConvError(operation, `bias must have shape (${channels})`, bias.shape);
}
