// Every number by which products are fitted to a chip. `bench/src/gpu/gemm.ts` tries tiers and tiles one by one.
import type { Tier, Tile } from './tile.ts';

const tileOf = (rows: number, columns: number, depth: number, own: [number, number], buffers: 1 | 2 = 1): Tile => ({
  ...{ rows, columns, depth, own, buffers },
});

/** Of equally fast ones, the first. */
export const TILES: Readonly<Record<Tier, readonly Tile[]>> = {
  matrix: [
    tileOf(128, 128, 32, [64, 32], 2),
    tileOf(128, 64, 32, [32, 32], 2),
    tileOf(64, 128, 32, [32, 32], 2),
    tileOf(64, 64, 32, [32, 32], 2),
    tileOf(32, 128, 32, [32, 32]),
    tileOf(128, 32, 32, [32, 32]),
    tileOf(32, 64, 32, [16, 32]),
    // For two parts of each number, half as deep.
    tileOf(128, 128, 16, [64, 32]),
    tileOf(64, 64, 16, [32, 32]),
  ],
  subgroups: [tileOf(64, 128, 16, [8, 4]), tileOf(32, 128, 16, [4, 4]), tileOf(128, 128, 16, [16, 4])],
  plain: [
    tileOf(64, 64, 16, [4, 4]),
    tileOf(128, 128, 16, [8, 8]),
    tileOf(128, 64, 16, [8, 4]),
    tileOf(32, 128, 16, [4, 4]),
    tileOf(128, 32, 16, [4, 4]),
    tileOf(32, 32, 16, [4, 4]),
    tileOf(16, 64, 16, [4, 4]),
  ],
  emulated: [tileOf(64, 64, 32, [32, 32], 2), tileOf(128, 64, 32, [32, 32]), tileOf(32, 64, 32, [16, 32])],
};

/** What to try next on a chip: chosen by nobody until it has proved faster. */
export const TRIALS: readonly Tile[] = [
  tileOf(256, 128, 32, [64, 32]),
  tileOf(256, 128, 32, [64, 64]),
  tileOf(128, 128, 32, [64, 64], 2),
  tileOf(128, 128, 32, [64, 32]),
  tileOf(128, 128, 64, [64, 32]),
  tileOf(128, 64, 64, [32, 32]),
  tileOf(256, 64, 32, [64, 32]),
];

/** Tiers that a program may be given by itself, best first. */
export const TIERS: readonly Tier[] = ['matrix', 'plain', 'subgroups'];

/** Multiplications with additions a second, of the whole chip and tiles that are not held up. */
export const RATES: Readonly<Record<Tier, number>> = { matrix: 120e12, subgroups: 12e12, plain: 15e12, emulated: 0 };
/** A square tile of this many rows and columns works at half of the rate, because of what it has to fetch. */
export const HALF_RATE_TILE: Readonly<Record<Tier, number>> = { matrix: 64, subgroups: 16, plain: 16, emulated: 64 };
/** Bytes a second between memory and chip. */
export const BANDWIDTH = 4e12;
/** Multiprocessors; each takes workgroups of its own. */
export const CORES = 132;
/** Seconds of a workgroup that do not depend on its steps, and of a dispatch. */
export const WORKGROUP_TIME = 4e-7;
export const DISPATCH_TIME = 3e-6;
/** Fewer workgroups than this a core, and the inner axis is cut into parts, of so many steps at least. */
export const FEW_WORKGROUPS = 4;
export const LEAST_STEPS = 4;
/** Arithmetic and traffic go on at the same time, but the shorter of them does not hide wholly behind the longer. */
export const SHOWS = 0.2;
/** How 'exact' works where there are matrix units: by two float16 of each number, or by float32 arithmetic. */
export const EXACT_ON_MATRIX_UNITS: 'split' | 'float32' = 'float32';
/** Split numbers take so many times the multiplications. */
export const SPLIT_COST = 3;
/** Convolutions multiply all taps with some channels before they go on to the next channels. */
export const TAPS_INSIDE = true;

/**
 * Operands of matrix units are made float16 ahead of a product that stages so many elements for each that is made, where a
 * dispatch counts as elements too. Infinity: none is.
 */
export const PACK_FROM = 4;
/** So much of what was made is kept at most, for the next product that reads the same. */
export const PACKED_BYTES = 2 ** 30;
/** Columns of tiles that workgroups go down together, so that what they read of B stays in the cache. */
export const BAND = 16;
