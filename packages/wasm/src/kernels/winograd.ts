// When a convolution goes by assembly/winograd.ts, and what that needs.
import type { Engine } from '../engine/engine.ts';
import { split } from '../engine/split.ts';
import type { Convolution, Images, Limits } from './convolve.ts';
import { bytesOf, roundUp } from './kernel.ts';

const ELEMENTS = 16;
/** Bytes between elements, as in assembly/winograd-tiles.ts. */
const APART = 64;

/** Of fewer channels, tiles take longer to transform than to multiply. */
const LEAST_CHANNELS = 8;

/** Below so many tiles, transforming the filter costs more than it saves. */
const LEAST_TILES = 64;

/** Of a transformed filter: from 1024 channels to 1024. Its gradient takes so much for each thread. */
const MOST_BYTES = 2 ** 26;

/** Bytes of the tiles that are made at a time: they pass through the cache three times. */
const TILE_BYTES = 2 ** 18;
const MOST_TILES_AT_A_TIME = 64;
const LEAST_TILES_AT_A_TIME = 16;

/** Only filters of 3 x 3 without strides, and channels in fours. */
export function suitsWinograd(one: Convolution): boolean {
  const steps = [one.strideHeight, one.strideWidth, one.dilationHeight, one.dilationWidth];
  return (
    steps.every((step) => step === 1) &&
    one.filterHeight === 3 &&
    one.filterWidth === 3 &&
    [one.depth, one.channels].every((count) => count >= LEAST_CHANNELS && count % 4 === 0) &&
    tilesOf(one) >= LEAST_TILES &&
    elementsBytes(one) <= MOST_BYTES
  );
}

/** Bytes of the transformed filter, or of the sums that its gradient is made of. */
export const elementsBytes = ({ depth, channels }: Convolution): number =>
  bytesOf(ELEMENTS * depth * roundUp(channels, 8));

/** Bytes of scratch for {@link runWinograd}. */
export function winogradBytes(one: Convolution, lanes: number): number {
  return elementsBytes(one) + lanes * planOf(one).scratchBytes;
}

/** Makes y of what {@link Images} lie at, panels of the filter, and scratch. */
export function runWinograd(
  engine: Engine,
  lanes: number,
  one: Convolution,
  { x, y, panels, scratch }: Images & { panels: number; scratch: number },
  limits: Limits,
): void {
  const { most, scratchBytes } = planOf(one);
  const blocks = Math.ceil(one.channels / 8);
  engine.run(
    'winogradFilter',
    split(blocks, lanes).map(({ start, count }) => [panels, scratch, one.depth, blocks, start, count]),
  );
  const calls = split(tilesOf(one), lanes).map(({ index, start, count }) => {
    const own = scratch + elementsBytes(one) + index * scratchBytes;
    return [x, panels, scratch, y, own, start, count, most, ...shapeOf(one), ...limits];
  });
  engine.run('winograd', calls);
}

export interface TilePlan {
  /** Tiles that are made at a time. */
  most: number;
  /** Of each lane. */
  scratchBytes: number;
}

export function planOf({ depth, channels }: Convolution): TilePlan {
  const bytes = bytesOf(ELEMENTS * (depth + roundUp(channels, 8)));
  const inCache = roundUp(Math.floor(TILE_BYTES / bytes), 4);
  const most = Math.max(LEAST_TILES_AT_A_TIME, Math.min(MOST_TILES_AT_A_TIME, inCache));
  return { most, scratchBytes: bytesOf(ELEMENTS * depth) + most * bytes + 2 * ELEMENTS * APART };
}

/** Of all images. */
export const tilesOf = ({ batch, rows, columns }: Convolution): number =>
  batch * Math.ceil(rows / 2) * Math.ceil(columns / 2);

/** In the order in which both functions take them. */
export function shapeOf({ height, width, depth, rows, columns, channels, padTop, padLeft }: Convolution): number[] {
  return [height, width, depth, rows, columns, channels, padTop, padLeft];
}
