// Which tier, which tile, and whether the inner axis is cut into parts: whatever a rough model of the chip takes for fastest.
import type { Abilities, MatrixUnits } from '../gpu/device.ts';
import type { Precision } from '../precision.ts';
import { bytesOf, COMMON_UNITS, isMatrix, type Tier, type Tile, type TileOperands, threadsOf } from './tile.ts';
import {
  BANDWIDTH,
  CORES,
  DISPATCH_TIME,
  EXACT_ON_MATRIX_UNITS,
  FEW_WORKGROUPS,
  HALF_RATE_TILE,
  LEAST_STEPS,
  PACK_FROM,
  RATES,
  SHOWS,
  SPLIT_COST,
  TAPS_INSIDE,
  TIERS,
  TILES,
  TRIALS,
  WORKGROUP_TIME,
} from './tuning.ts';

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
  /** Those of the device, or which are emulated. */
  matrixUnits: MatrixUnits;
  parts: number;
  split: boolean;
  /** As {@link PACK_FROM}. Infinity where operands are multiplied as they are. */
  packFrom: number;
  /** As {@link TAPS_INSIDE}. */
  tapsInside: boolean;
}

let forced: Partial<Choice> = {};

/** For tests and benchmarks: what is given here is not chosen any more. `{}` chooses again. What was settled is forgotten. */
export function force(choice: Partial<Choice>): void {
  forced = choice;
  remembered = new WeakMap();
  settled = new WeakMap();
}

/** What was chosen for a device. Layers meet the same sizes at every step; those that learn theirs, new ones now and then. */
let remembered = new WeakMap<Abilities, Map<string, Choice>>();
const MOST_REMEMBERED = 1000;

/** What trials found to be fastest. */
let settled = new WeakMap<Abilities, Map<string, Choice>>();

/** From now on this is what {@link choose} says. */
export function settle(sizes: Sizes, precision: Precision, device: Device, choice: Choice): void {
  const choices = settled.get(device.abilities) ?? new Map<string, Choice>();
  settled.set(device.abilities, choices.set(keyOf(sizes, precision, device), choice));
  settlements++;
}

let settlements = 0;
/** So many times something was settled: what was recorded before may be out of date. */
export const timesSettled = (): number => settlements;

/** Products of one key are all made the same way. */
export function keyOf(sizes: Sizes, precision: Precision, { workgroupBytes, workgroupThreads }: Device): string {
  const { batch, rows, columns, inner, a, b, bytes, divisible } = sizes;
  return [precision, batch, rows, columns, inner, a, b, bytes, divisible, workgroupBytes, workgroupThreads].join();
}

export function choose(sizes: Sizes, precision: Precision, device: Device): Choice {
  const { abilities } = device;
  const key = keyOf(sizes, precision, device);
  const found = settled.get(abilities)?.get(key);
  if (found) return found;
  let choices = remembered.get(abilities);
  if (!choices || choices.size >= MOST_REMEMBERED) {
    choices = new Map();
    remembered.set(abilities, choices);
  }
  const choice = choices.get(key) ?? chooseAnew(sizes, precision, device);
  choices.set(key, choice);
  return choice;
}

function chooseAnew(sizes: Sizes, precision: Precision, device: Device): Choice {
  let best: Considered | undefined;
  for (const one of considered(sizes, precision, device, TILES)) if (!best || one.time < best.time) best = one;
  if (!best) throw new Error('webgpu: no tile fits this device');
  return best.choice;
}

/**
 * What is worth a trial: the choice of now, the same in more parts and in fewer, and other tiles, those first of which the
 * model thinks most.
 */
export function candidatesOf(sizes: Sizes, precision: Precision, device: Device, most: number): Choice[] {
  const now = choose(sizes, precision, device);
  const tiles = { ...TILES, matrix: [...TILES.matrix, ...TRIALS] };
  const byTime = [...considered(sizes, precision, device, tiles)].sort((p, q) => p.time - q.time);
  const choices = byTime.map(({ choice }) => choice);
  const near = choices.filter(({ tile, parts }) => tile === now.tile && [0.5, 2].includes(parts / now.parts));
  const others = choices.filter(
    ({ tile }, i) => tile !== now.tile && choices.findIndex((one) => one.tile === tile) === i,
  );
  return [now, ...near, ...others].slice(0, most);
}

interface Considered {
  choice: Choice;
  time: number;
}

function* considered(
  sizes: Sizes,
  precision: Precision,
  device: Device,
  tiles: Readonly<Record<Tier, readonly Tile[]>>,
): Generator<Considered> {
  const tiers = forced.tier ? [forced.tier] : TIERS.filter((tier) => isThere(tier, precision, device.abilities));
  const tapsInside = forced.tapsInside ?? TAPS_INSIDE;
  for (const tier of tiers) {
    const matrixUnits = (tier === 'matrix' && device.abilities.matrixUnits) || COMMON_UNITS;
    const split = forced.split ?? (isMatrix(tier) && precision === 'exact');
    const packFrom = isMatrix(tier) && !split ? (forced.packFrom ?? PACK_FROM) : Number.POSITIVE_INFINITY;
    for (const tile of forced.tile ? [forced.tile] : tiles[tier]) {
      if (!fits(tier, tile, matrixUnits, { ...sizes, split }, device)) continue;
      for (const parts of partsOf(sizes, tile)) {
        const choice = { tier, tile, matrixUnits, parts, split, packFrom, tapsInside };
        yield { choice, time: secondsOf(sizes, choice) };
      }
    }
  }
}

/** Whether products may be made on matrix units. */
export function wantsScales(precision: Precision, abilities: Abilities): boolean {
  return forced.tier ? isMatrix(forced.tier) : isThere('matrix', precision, abilities);
}

function isThere(tier: Tier, precision: Precision, abilities: Abilities): boolean {
  const { min, max } = abilities.subgroupSizes;
  if (tier === 'plain') return true;
  if (tier === 'subgroups') return abilities.subgroups && min >= 4 && max <= 32;
  const wanted = precision === 'fast' || EXACT_ON_MATRIX_UNITS === 'split';
  return wanted && abilities.matrixUnits?.side === COMMON_UNITS.side;
}

function fits(tier: Tier, candidate: Tile, units: MatrixUnits, operands: TileOperands, device: Device): boolean {
  const bytes = bytesOf(tier, candidate, operands, units);
  // The threads of a subgroup share rows of their own.
  const apart = (candidate.columns / candidate.own[1]) % device.abilities.subgroupSizes.max !== 0;
  if (tier === 'subgroups' && apart) return false;
  return bytes <= device.workgroupBytes && threadsOf(tier, candidate, units) <= device.workgroupThreads;
}

/** Powers of two, up to one that gives every core enough to do. */
function partsOf(sizes: Sizes, candidate: Tile): number[] {
  if (forced.parts && sizes.divisible) return [forced.parts];
  const steps = Math.ceil(sizes.inner / candidate.depth);
  const tiles = tilesOf(sizes, candidate);
  const parts = [1];
  let next = 2;
  while (sizes.divisible && (tiles * next) / 2 < FEW_WORKGROUPS * CORES && steps / next >= LEAST_STEPS) {
    parts.push(next);
    next *= 2;
  }
  return parts;
}

const tilesOf = (sizes: Sizes, { rows, columns }: Tile) =>
  sizes.batch * Math.ceil(sizes.rows / rows) * Math.ceil(sizes.columns / columns);

/** What the model says; absolute values are rough, and only compared. */
export function secondsOf(
  sizes: Sizes,
  { tier, tile, parts, split }: Pick<Choice, 'tier' | 'tile' | 'parts' | 'split'>,
): number {
  const { rows, columns, depth } = tile;
  const steps = Math.ceil(Math.ceil(sizes.inner / depth) / parts);
  const workgroups = tilesOf(sizes, tile) * parts;
  const side = (2 * rows * columns) / (rows + columns);
  const rate = (RATES[tier] * side) / (side + HALF_RATE_TILE[tier]) / CORES;
  const multiplications = steps * depth * rows * columns * (split ? SPLIT_COST : 1);
  const arithmetic = Math.ceil(workgroups / CORES) * (multiplications / rate + WORKGROUP_TIME);
  const result = sizes.batch * sizes.rows * sizes.columns * 4;
  const traffic = (sizes.bytes + result * (parts === 1 ? 1 : 2 * parts + 1)) / BANDWIDTH;
  const dispatches = 1 + (parts > 1 ? 1 : 0) + (isMatrix(tier) ? 2 : 0);
  // Operands of matrix units are read once more, for their largest magnitudes.
  const scaling = isMatrix(tier) ? sizes.bytes / BANDWIDTH : 0;
  const both = Math.max(arithmetic, traffic) + SHOWS * Math.min(arithmetic, traffic);
  return both + scaling + dispatches * DISPATCH_TIME;
}

/** Steps of the inner axis that a part has, in elements. */
export function partLength(inner: number, { depth }: Tile, parts: number): number {
  return Math.max(1, Math.ceil(Math.ceil(inner / depth) / parts)) * depth;
}
