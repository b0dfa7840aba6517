// Which tier, which tile, and whether the inner axis is cut into parts: whatever a rough model of the chip takes for fastest.
// Every number that is to be tuned on a chip is here.
import type { Abilities } from '../gpu/device.ts';
import type { Precision } from '../precision.ts';
import { bytesOf, isMatrix, SUBGROUP, type Tier, type Tile, type TileOperands, threadsOf } from './tile.ts';

const tile = (rows: number, columns: number, depth: number, own: [number, number], buffers: 1 | 2 = 1): Tile => ({
  ...{ rows, columns, depth, own, buffers },
});

/** Of equally fast ones, the first. */
export const TILES: Readonly<Record<Tier, readonly Tile[]>> = {
  matrix: [
    tile(128, 128, 32, [64, 32], 2),
    tile(128, 64, 32, [32, 32], 2),
    tile(64, 128, 32, [32, 32], 2),
    tile(64, 64, 32, [32, 32], 2),
    tile(32, 128, 32, [32, 32]),
    tile(128, 32, 32, [32, 32]),
    tile(32, 64, 32, [16, 32]),
    // For two parts of each number, half as deep.
    tile(128, 128, 16, [64, 32]),
    tile(64, 64, 16, [32, 32]),
  ],
  subgroups: [tile(64, 128, 16, [8, 4]), tile(32, 128, 16, [4, 4]), tile(128, 128, 16, [16, 4])],
  plain: [
    tile(64, 64, 16, [4, 4]),
    tile(128, 128, 16, [8, 8]),
    tile(128, 64, 16, [8, 4]),
    tile(32, 128, 16, [4, 4]),
    tile(128, 32, 16, [4, 4]),
    tile(32, 32, 16, [4, 4]),
    tile(16, 64, 16, [4, 4]),
  ],
  emulated: [tile(64, 64, 32, [32, 32], 2), tile(128, 64, 32, [32, 32]), tile(32, 64, 32, [16, 32])],
};

/** Tiers that a program may be given by itself, best first. */
const TIERS: readonly Tier[] = ['matrix', 'plain', 'subgroups'];

/** Multiplications with additions a second, of the whole chip and tiles that are not held up. */
const RATES: Readonly<Record<Tier, number>> = { matrix: 150e12, subgroups: 12e12, plain: 15e12, emulated: 0 };
/** A square tile of this many rows and columns works at half of the rate, because of what it has to fetch. */
const HALF_RATE_TILE: Readonly<Record<Tier, number>> = { matrix: 64, subgroups: 16, plain: 16, emulated: 64 };
/** Bytes a second between memory and chip. */
const BANDWIDTH = 4e12;
/** Multiprocessors; each takes workgroups of its own. */
const CORES = 132;
/** Seconds of a workgroup that do not depend on its steps, and of a dispatch. */
const WORKGROUP_TIME = 4e-7;
const DISPATCH_TIME = 3e-6;
/** Parts of the inner axis at most, and steps of a part at least. */
const MOST_PARTS = 128;
const LEAST_STEPS = 4;
/** How 'exact' works where there are matrix units: by two float16 of each number, or by float32 arithmetic. */
const EXACT_ON_MATRIX_UNITS: 'split' | 'float32' = 'float32';
/** Split numbers take so many times the multiplications. */
const SPLIT_COST = 3;

export interface Sizes {
  batch: number;
  rows: number;
  columns: number;
  inner: number;
  a: TileOperands['a'];
  b: TileOperands['b'];
  /** Bytes of the operands in memory. */
  bytes: number;
  /** The inner axis may be cut. */
  divisible: boolean;
}

export interface Device {
  abilities: Abilities;
  workgroupBytes: number;
  workgroupThreads: number;
}

export interface Choice {
  tier: Tier;
  tile: Tile;
  parts: number;
  split: boolean;
}

let forced: Partial<Choice> = {};

/** For tests and benchmarks: what is given here is not chosen any more. `{}` chooses again. */
export function force(choice: Partial<Choice>): void {
  forced = choice;
}

export function choose(sizes: Sizes, precision: Precision, device: Device): Choice {
  const tiers = forced.tier ? [forced.tier] : TIERS.filter((tier) => isThere(tier, precision, device.abilities));
  let best: (Choice & { time: number }) | undefined;
  for (const tier of tiers) {
    const split = forced.split ?? (isMatrix(tier) && precision === 'exact');
    for (const candidate of forced.tile ? [forced.tile] : TILES[tier]) {
      if (!fits(tier, candidate, { ...sizes, split }, device)) continue;
      for (const parts of forced.parts ? [forced.parts] : partsOf(sizes, candidate)) {
        const time = secondsOf(sizes, { tier, tile: candidate, parts, split });
        if (!best || time < best.time) best = { tier, tile: candidate, parts, split, time };
      }
    }
  }
  if (!best) throw new Error('webgpu: no tile fits this device');
  return best;
}

function isThere(tier: Tier, precision: Precision, abilities: Abilities): boolean {
  const { min, max } = abilities.subgroupSizes;
  if (tier === 'plain') return true;
  if (tier === 'subgroups') return abilities.subgroups && min >= 4 && max <= SUBGROUP;
  const wanted = precision === 'fast' || EXACT_ON_MATRIX_UNITS === 'split';
  return wanted && abilities.subgroupMatrix && min === SUBGROUP && max === SUBGROUP;
}

function fits(tier: Tier, candidate: Tile, operands: TileOperands, device: Device): boolean {
  const bytes = bytesOf(tier, candidate, operands);
  return bytes <= device.workgroupBytes && threadsOf(tier, candidate) <= device.workgroupThreads;
}

function partsOf({ inner, divisible }: Sizes, { depth }: Tile): number[] {
  const parts = [1];
  const steps = Math.ceil(inner / depth);
  while (divisible && parts.at(-1)! < MOST_PARTS && steps / (2 * parts.at(-1)!) >= LEAST_STEPS) {
    parts.push(2 * parts.at(-1)!);
  }
  return parts;
}

/** What the model says; absolute values are rough, and only compared. */
export function secondsOf(sizes: Sizes, { tier, tile: { rows, columns, depth }, parts, split }: Choice): number {
  const steps = Math.ceil(Math.ceil(sizes.inner / depth) / parts);
  const workgroups = sizes.batch * parts * Math.ceil(sizes.rows / rows) * Math.ceil(sizes.columns / columns);
  const side = (2 * rows * columns) / (rows + columns);
  const rate = (RATES[tier] * side) / (side + HALF_RATE_TILE[tier]) / CORES;
  const multiplications = steps * depth * rows * columns * (split ? SPLIT_COST : 1);
  const arithmetic = Math.ceil(workgroups / CORES) * (multiplications / rate + WORKGROUP_TIME);
  const result = sizes.batch * sizes.rows * sizes.columns * 4;
  const traffic = sizes.bytes + result * (parts === 1 ? 1 : 2 * parts + 1);
  const dispatches = 1 + (parts > 1 ? 1 : 0) + (isMatrix(tier) ? 2 : 0);
  // Operands of matrix units are read once more, for their largest magnitudes.
  const scaling = isMatrix(tier) ? sizes.bytes / BANDWIDTH : 0;
  return Math.max(arithmetic, traffic / BANDWIDTH) + scaling + dispatches * DISPATCH_TIME;
}

/** Steps of the inner axis that a part has, in elements. */
export function partLength(inner: number, { depth }: Tile, parts: number): number {
  return Math.max(1, Math.ceil(Math.ceil(inner / depth) / parts)) * depth;
}
