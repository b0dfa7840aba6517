// How the way of an image through its spectrum is cut up, so that it takes no more than the room of one map.
import type { Tensor } from '@tensorflow/tfjs-core';
import { bounds } from '../parts.ts';
import type { MovedBin } from './bins.ts';

/** How many times the numbers of its data an FFT holds, with the data. */
export const HELD_BY_FFT = 9;

/** Each stage goes through the images in so many parts at least: then what an FFT holds of one fits beside the rest. */
const PARTS = 12;

export function partsOf(x: Tensor): number {
  return Math.ceil(PARTS / x.shape[0]!);
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
