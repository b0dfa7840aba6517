// The paper's masks, in float64: which frequencies stay, how strongly, and how that changes with the stride.
import { columnSide, rowSide, type Side } from '@stridelab/spectral-pooling/spectral-map';
import type { Rules } from './rules.ts';

/** A side of the image under its mask; the lists run over the side's bins. */
export interface MaskedSide {
  side: Side;
  /** Distance from frequency zero, as the mask counts it. */
  positions: number[];
  weights: number[];
  /** d weight / d stride, zero but for the few bins on the mask's edge, and where a limit bites. */
  slopes: number[];
}

/** How a stride is used on a side, and whether gradient reaches it. */
export interface UsedStride {
  value: number;
  hasGradient: boolean;
}

/** The least stride for which the mask's edge fits into the spectrum. */
export function leastStrides(sides: readonly number[], { smoothness, shared }: Rules): number[] {
  const least = sides.map((side) => side / (side - smoothness));
  return shared ? least.map(() => Math.max(...least)) : least;
}

/**
 * The strides brought into their legal range: raised to the least one, through which gradient passes straight, and clipped
 * to the user's limits, where it stops.
 */
export function usedStrides(sides: readonly number[], strides: readonly number[], rules: Rules): UsedStride[] {
  const { lowerLimit = 1, upperLimit = Number.POSITIVE_INFINITY } = rules;
  return leastStrides(sides, rules).map((least, i) => {
    const raised = Math.max(strides[i] ?? strides[0]!, least);
    const value = Math.min(Math.max(raised, lowerLimit), upperLimit);
    // As float32 has them: a stride that was brought back to a limit lies on it, whichever way that was rounded.
    return { value, hasGradient: Math.fround(raised) === Math.fround(value) };
  });
}

/** max(size / stride, 2) / 2: half of the frequencies that the mask lets pass in full; its slope, where gradient passes. */
function threshold(size: number, { value: stride, hasGradient }: UsedStride): { value: number; slope: number } {
  const kept = size / stride;
  const slope = hasGradient ? (-kept / stride / 2) * kink(kept - 2) : 0;
  return { value: Math.max(kept, 2) / 2, slope };
}

/** Slope of max(x, 0): at the corner the mean of both sides, as a central difference sees it. */
function kink(x: number): number {
  return x > 0 ? 1 : x === 0 ? 0.5 : 0;
}

/** Columns are those of a real FFT; their mask reaches one further than the rows'. */
export const COLUMN_OFFSET = 1;

/** Distance of each row of a DFT from frequency zero as the published code counts it: a row off centre. */
function publishedPositions(size: number): number[] {
  const odd = size % 2;
  const half = Array.from({ length: (size >> 1) + odd }, (_, v) => v);
  const shifted = [...half.slice(odd).reverse(), ...half];
  return shifted.map((_, k) => shifted[(k + size - (size >> 1)) % size]!);
}

export function maskedRows(size: number, stride: UsedStride, rules: Rules): MaskedSide {
  const { smoothness, cropping, mask } = rules;
  const { value: t, slope } = threshold(size, stride);
  const positions = publishedPositions(size);
  const rows = positions.flatMap((p, row) => (!cropping || p < smoothness + t ? [row] : []));
  if (mask === 'published') {
    const kept = rows.map((row) => positions[row]!);
    return masked(rowSide(size, rows), kept, t, slope, smoothness);
  }
  // As many rows as published, so that the mask's kind does not change a shape, but those around frequency zero. Both
  // signs have one weight, so half of the rows speak for all; the unpaired row of an even number stays empty.
  const outputSize = rows.length;
  const frequencies = Array.from({ length: (outputSize + 1) >> 1 }, (_, f) => f);
  const side = { ...columnSide(size, outputSize, frequencies.length), real: true };
  return masked(side, frequencies, t, slope, smoothness);
}

export function maskedColumns(size: number, stride: UsedStride, rules: Rules): MaskedSide {
  const { smoothness, cropping } = rules;
  const { value, slope } = threshold(size, stride);
  const t = value + COLUMN_OFFSET;
  const all = Array.from({ length: (size >> 1) + 1 }, (_, k) => k);
  const positions = all.filter((k) => !cropping || k < smoothness + t);
  const outputSize = 2 * (positions.length - 1);
  return masked(columnSide(size, outputSize, positions.length), positions, t, slope, smoothness);
}

/** weight = clip((R + t - p) / R, 0, 1); bins without weight are left out. */
function masked(side: Side, positions: number[], t: number, tSlope: number, smoothness: number): MaskedSide {
  const ramp = positions.map((p) => (smoothness + t - p) / smoothness);
  const kept = ramp.flatMap((weight, j) => (weight >= 0 ? [j] : []));
  return {
    side: { ...side, bins: kept.map((j) => side.bins[j]!) },
    positions: kept.map((j) => positions[j]!),
    weights: kept.map((j) => Math.min(ramp[j]!, 1)),
    slopes: kept.map((j) => kink(ramp[j]!) * kink(1 - ramp[j]!) * (tSlope / smoothness)),
  };
}
