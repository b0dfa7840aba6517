// How the way of an image through its spectrum is cut up, so that it takes no more than the room of one map.
import type { Tensor } from '@tensorflow/tfjs-core';
import { bounds } from '../parts.ts';
import type { MovedBin } from './bins.ts';

/** What an FFT holds, with its data, at most this part of the images at a time. */
export const HELD_BY_FFT = 9 / 12;

/**
 * How many of the lines of each image an FFT of such a length goes through at a time. It holds its data nine times; where the
 * length has a large prime factor, it goes by longer lengths, and holds it three times as often.
 */
export function linesFor(length: number, { shape }: Tensor, lines: number): number {
  const parts = (largestPrime(length) > LARGE_PRIME ? 36 : 12) / shape[0]!;
  const share = lines / Math.max(1, parts);
  // Few lines do not fall into equal parts: no part is longer by more than a twelfth.
  return Math.max(1, Math.min(Math.ceil(share), Math.floor((13 / 12) * share)));
}

/** Up to here even a prime length is one product with a matrix. */
const LARGE_PRIME = 512;

function largestPrime(n: number): number {
  let [rest, largest] = [n, 1];
  for (let factor = 2; factor * factor <= rest; factor++) {
    for (; rest % factor === 0; rest /= factor) largest = factor;
  }
  return Math.max(rest, largest);
}

/** In how many passes to go through the columns of a spectrum, so that what is `held` in each has room. */
export function passesFor(columns: number, room: number, held: (share: number, done: number) => number): number {
  let passes = 1;
  while (passes < columns && held(1 / passes, (passes - 1) / passes) > room) passes++;
  return passes;
}

/** What `f` makes of the columns, some at a time, together. */
export function inPasses<T>(columns: MovedBin[], passes: number, f: (some: MovedBin[], first: number) => T[]): T[] {
  const at = bounds(columns.length, passes);
  return at.slice(1).flatMap((end, pass) => f(columns.slice(at[pass], end), at[pass]!));
}
