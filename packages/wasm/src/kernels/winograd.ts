// When a convolution goes by assembly/winograd.ts, and what that needs.
import type { Engine } from '../engine/engine.ts';
import { split } from '../engine/split.ts';
import type { Convolution, Images, Limits } from './convolve.ts';
import { bytesOf, roundUp } from './kernel.ts';

/** Pixels of Y that a tile gives, each way. */
type Side = 2 | 4;

const elementsOf = (side: Side): number => (side + 2) ** 2;

/** Bytes between elements, as in assembly/winograd-tiles.ts. */
const APART = 64;

/** Of fewer channels, tiles take longer to transform than to multiply. */
const LEAST_CHANNELS = 8;

/** Below so many tiles, transforming the filter costs more than it saves. */
const LEAST_TILES = 64;

/** Large tiles transform more, and round three times as much off: of fewer channels they would gain nothing. */
const LEAST_CHANNELS_OF_LARGE = 16;
/** Of the multiplications that small tiles take: more, and what large ones would gain goes into their transforms. */
const MOST_OF_LARGE = 0.75;

/** Of a transformed filter: from 1024 channels to 1024, in small tiles. Its gradient takes so much for each thread. */
const MOST_BYTES = 2 ** 26 + elementsOf(2) * APART;

/** Bytes of the tiles that are made at a time: they pass through the cache three times. */
const TILE_BYTES = 2 ** 18;
const MOST_TILES_AT_A_TIME = 64;
const LEAST_TILES_AT_A_TIME = 32;
/** A transformed filter of so many bytes comes from memory for every such tiles, which have to be many, then. */
const FAR_BYTES = 2 ** 24;

/** Only filters of 3 x 3 without strides, and channels in fours. */
export function suitsWinograd(one: Convolution): boolean {
  const steps = [one.strideHeight, one.strideWidth, one.dilationHeight, one.dilationWidth];
  return (
    steps.every((step) => step === 1) &&
    one.filterHeight === 3 &&
    one.filterWidth === 3 &&
    [one.depth, one.channels].every((count) => count >= LEAST_CHANNELS && count % 4 === 0) &&
    tilesOf(one, 2) >= LEAST_TILES &&
    elementsBytes(one, 2) <= MOST_BYTES
  );
}

/** Of the tiles that a convolution should go by. */
export function sideFor(one: Convolution): Side {
  const products = (side: Side) => tilesOf(one, side) * elementsOf(side);
  const gains =
    Math.min(one.depth, one.channels) >= LEAST_CHANNELS_OF_LARGE &&
    tilesOf(one, 4) >= LEAST_TILES &&
    elementsBytes(one, 4) <= MOST_BYTES &&
    products(4) <= MOST_OF_LARGE * products(2);
  return gains ? 4 : 2;
}

/** Bytes of the transformed filter, or of the sums that its gradient is made of. */
export const elementsBytes = ({ depth, channels }: Convolution, side: Side): number =>
  elementsOf(side) * (bytesOf(depth * roundUp(channels, 8)) + APART);

/** Bytes of scratch for {@link runWinograd}. */
export function winogradBytes(one: Convolution, lanes: number): number {
  const side = sideFor(one);
  return elementsBytes(one, side) + lanes * planOf(one, side).scratchBytes;
}

/** Makes y of what {@link Images} lie at, panels of the filter, and scratch. */
export function runWinograd(
  engine: Engine,
  lanes: number,
  one: Convolution,
  { x, y, panels, scratch }: Images & { panels: number; scratch: number },
  limits: Limits,
): void {
  const side = sideFor(one);
  const { most, scratchBytes } = planOf(one, side);
  const blocks = Math.ceil(one.channels / 8);
  engine.run(
    'winogradFilter',
    split(blocks, lanes).map(({ start, count }) => [panels, scratch, one.depth, blocks, start, count, side]),
  );
  const calls = split(tilesOf(one, side), lanes).map(({ index, start, count }) => {
    const own = scratch + elementsBytes(one, side) + index * scratchBytes;
    return [x, panels, scratch, y, own, start, count, most, ...shapeOf(one), ...limits, side];
  });
  engine.run('winograd', calls);
}

export interface TilePlan {
  /** Tiles that are made at a time. */
  most: number;
  /** Of each lane. */
  scratchBytes: number;
}

export function planOf(one: Convolution, side: Side): TilePlan {
  const elements = elementsOf(side);
  const bytes = elements * (rowBytes(one.depth) + rowBytes(roundUp(one.channels, 8)));
  const inCache = roundUp(Math.floor(TILE_BYTES / bytes), 4);
  const least = elementsBytes(one, side) < FAR_BYTES ? LEAST_TILES_AT_A_TIME : MOST_TILES_AT_A_TIME;
  const most = Math.max(least, Math.min(MOST_TILES_AT_A_TIME, inCache));
  return { most, scratchBytes: bytesOf(elements * one.depth) + most * bytes + 2 * elements * APART };
}

/** As assembly/winograd-tiles.ts has it. */
function rowBytes(values: number): number {
  const bytes = bytesOf(values);
  return bytes % 1024 === 0 ? bytes + 64 : bytes;
}

/** Of all images. */
export const tilesOf = ({ batch, rows, columns }: Convolution, side: Side): number =>
  batch * Math.ceil(rows / side) * Math.ceil(columns / side);

/** In the order in which both functions take them. */
export function shapeOf({ height, width, depth, rows, columns, channels, padTop, padLeft }: Convolution): number[] {
  return [height, width, depth, rows, columns, channels, padTop, padLeft];
}
