// What may be asked of a DiffStride, whatever its form.
import { areOptions, describeValue } from '@stridelab/errors';
import { Tensor } from '@tensorflow/tfjs-core';
import { DiffStrideError } from './errors.ts';

/** (batch, ...sides, channels) or (batch, channels, ...sides). */
export type DataFormat = 'channelsLast' | 'channelsFirst';
/** 'published' as in the paper's code; 'symmetric' centres the row mask on frequency zero. */
export type MaskKind = 'published' | 'symmetric';

/** How spectra are masked. */
export interface MaskOptions {
  /** Width of the soft edge of the mask, in frequencies. Default 4. */
  smoothness?: number;
  /** Whether what the mask removes is cut off, which makes the map smaller. Without, an odd width alone loses a column. Default true. */
  cropping?: boolean;
  /** One stride for both sides. Default false. */
  shared?: boolean;
  /** Strides stay at or above it, without a gradient where it bites. Default none. */
  lowerLimit?: number;
  /** Strides stay at or below it, without a gradient where it bites. Default none. */
  upperLimit?: number;
  /** 'published' as in the paper's code; 'symmetric' centres the row mask on frequency zero, at half the cost. */
  mask?: MaskKind;
}

export type Rules = Required<Omit<MaskOptions, 'lowerLimit' | 'upperLimit'>> &
  Pick<MaskOptions, 'lowerLimit' | 'upperLimit'>;

/** A layer's limits may be null, as in a configuration that was written. */
type GivenRules = Omit<MaskOptions, 'lowerLimit' | 'upperLimit'> &
  Partial<Record<'lowerLimit' | 'upperLimit', number | null>>;

/** No upper limit, as float32 writes it. */
export const MOST = 3e38;

const OPTIONS = 'smoothness, cropping, shared, lowerLimit, upperLimit, mask, dataFormat';
/** With one side there is nothing to share, and no row. */
export const OPTIONS_1D = 'smoothness, cropping, lowerLimit, upperLimit, dataFormat';

/** What has another name, such as a layer's in a call of the function, would be ignored without a word. */
export function checkOptions(operation: string, options: unknown, names: string): void {
  if (areOptions(options, names.split(', '))) return;
  throw new DiffStrideError(operation, `options must be some of {${names}}`, options);
}

/** The options with their defaults, checked as far as they can be without an image. */
export function checkedRules(operation: string, options: GivenRules): Rules {
  checkOptions(operation, options, OPTIONS);
  const { smoothness = 4, cropping = true, shared = false, mask = 'published' } = options;
  const lowerLimit = options.lowerLimit ?? undefined;
  const upperLimit = options.upperLimit ?? undefined;
  if (!(Number.isFinite(smoothness) && smoothness > 0)) {
    throw new DiffStrideError(operation, 'smoothness must be a number > 0', smoothness);
  }
  checkChoice(operation, { mask }, 'published', 'symmetric');
  checkChoice(operation, { cropping }, true, false);
  checkChoice(operation, { shared }, true, false);
  for (const [name, limit] of Object.entries({ lowerLimit, upperLimit })) {
    if (limit !== undefined && !(typeof limit === 'number' && limit >= 1)) {
      throw new DiffStrideError(operation, `${name} must be a number >= 1`, limit);
    }
  }
  if (lowerLimit !== undefined && upperLimit !== undefined && lowerLimit > upperLimit) {
    throw new DiffStrideError(operation, 'lowerLimit must not exceed upperLimit', [lowerLimit, upperLimit]);
  }
  return { smoothness, cropping, shared, mask, lowerLimit, upperLimit };
}

/** The one option of `given` is one of two. */
function checkChoice(operation: string, given: object, ...choices: [unknown, unknown]): void {
  const [[name, choice]] = Object.entries(given) as [[string, unknown]];
  if (choices.includes(choice)) return;
  throw new DiffStrideError(operation, `${name} must be ${choices.map(describeValue).join(' or ')}`, choice);
}

export function checkDataFormat(operation: string, dataFormat: DataFormat): void {
  checkChoice(operation, { dataFormat }, 'channelsLast', 'channelsFirst');
}

/** One stride for each of `count` sides from a number, or from that many; each >= 1. */
export function checkedStrides(operation: string, strides: unknown, count: number): number[] {
  const list: unknown[] = Array.isArray(strides) ? strides : Array.from({ length: count }, () => strides);
  // A pair of equal strides may stand for a shared one.
  const values = count === 1 && list.length === 2 && list[0] === list[1] ? [list[0]] : list;
  const good = values.length === count && values.every((s) => typeof s === 'number' && Number.isFinite(s) && s >= 1);
  if (good) return values as number[];
  const rule = count === 1 ? 'strides must be one number >= 1' : 'strides must be a number >= 1 or a pair of them';
  throw new DiffStrideError(operation, rule, strides);
}

/** The spatial sides of images of a given rank, of dtype float32, each longer than the mask's edge. */
export function checkImages(
  operation: string,
  x: Tensor,
  rank: number,
  dataFormat: DataFormat,
  rules: Rules,
): number[] {
  const shape = rank === 4 ? '(batch, height, width, channels)' : '(batch, length, channels)';
  if (!(x instanceof Tensor)) throw new DiffStrideError(operation, 'x must be a tensor', x);
  if (x.isDisposed) throw new DiffStrideError(operation, 'x must not be disposed', x.shape);
  if (x.rank !== rank) throw new DiffStrideError(operation, `x must have rank ${rank}, ${shape}`, x.shape);
  if (x.dtype !== 'float32') throw new DiffStrideError(operation, 'x must be of dtype float32', x.dtype);
  const sides = dataFormat === 'channelsLast' ? x.shape.slice(1, -1) : x.shape.slice(2);
  checkSides(operation, sides, rules);
  return sides;
}

export function checkSides(operation: string, sides: readonly number[], { smoothness }: Rules): void {
  if (!sides.every((side) => Number.isInteger(side) && side > smoothness)) {
    const rule = `smoothness must be below every side of the image, which is [${sides.join(', ')}]`;
    throw new DiffStrideError(operation, rule, smoothness);
  }
}
