// Convolutions by the functions of assembly/: tf.conv2d, and its gradient with respect to the input where it has no strides.
import type { Engine, FunctionName } from '../engine/engine.ts';
import { split } from '../engine/split.ts';
import { bytesOf, roundUp } from './kernel.ts';
import { runWinograd, suitsWinograd, winogradBytes } from './winograd.ts';

/** Of images (batch, height, width, depth) to (batch, rows, columns, channels). */
export interface Convolution {
  batch: number;
  height: number;
  width: number;
  depth: number;
  rows: number;
  columns: number;
  channels: number;
  filterHeight: number;
  filterWidth: number;
  strideHeight: number;
  strideWidth: number;
  dilationHeight: number;
  dilationWidth: number;
  padTop: number;
  padLeft: number;
}

/** Addresses of the images, and of those that are made. */
export interface Images {
  x: number;
  y: number;
}

/** What packs a filter for channels `first .. first + count` of the result, at an address. */
export type Pack = (panels: number, first: number, count: number) => [name: FunctionName, parameters: number[]];

export type Limits = readonly [low: number, high: number];

export const UNLIMITED: Limits = [-Infinity, Infinity];

/** A window of an image that is larger than this leaves the cache before the next eight channels read it. */
const WINDOW_BYTES = 2 ** 18;

/** Rows of a strip, at least: neighbours copy the rows that both read. */
const LEAST_ROWS = 8;

/** Convolves, and lets nothing below or above `limits` through. */
export function convolve(engine: Engine, one: Convolution, images: Images, pack: Pack, limits: Limits): void {
  if (one.batch * one.rows * one.columns * one.channels === 0) return;
  const lanes = engine.lanesFor(multiplicationsOf(one));
  const terms = one.filterHeight * one.filterWidth * one.depth;
  const panelBytes = bytesOf(roundUp(one.channels, 8) * (1 + terms));
  const isWinograd = suitsWinograd(one);
  const strips = split(one.rows, stripsFor(one, lanes));
  const window = hasBorder(one) ? windowBytes(one, Math.max(...strips.map(({ count }) => count))) : 0;
  const room = isWinograd ? winogradBytes(one, lanes) : lanes * window;
  engine.withScratch(panelBytes + room, (panels) => {
    const packs = split(Math.ceil(one.channels / 8), lanes).map(({ start, count }) =>
      pack(panels, 8 * start, 8 * count),
    );
    engine.run(
      packs[0]![0],
      packs.map(([, parameters]) => parameters),
    );
    if (isWinograd) {
      runWinograd(engine, lanes, one, { ...images, panels, scratch: panels + panelBytes }, limits);
      return;
    }
    const calls: number[][] = [];
    for (const { start: image, count } of split(one.batch, strips.length > 1 ? one.batch : lanes)) {
      for (const strip of strips) {
        calls.push([
          images.x + bytesOf(image * one.height * one.width * one.depth),
          panels,
          images.y + bytesOf((image * one.rows + strip.start) * one.columns * one.channels),
          window && panels + panelBytes + (calls.length % lanes) * window,
          ...[count, one.height, one.width, one.depth, strip.count, one.columns, one.channels],
          ...[
            one.filterHeight,
            one.filterWidth,
            one.strideHeight,
            one.strideWidth,
            one.dilationHeight,
            one.dilationWidth,
          ],
          ...[one.padTop - strip.start * one.strideHeight, one.padLeft, ...limits],
        ]);
      }
    }
    engine.run('convolve', calls, lanes);
  });
}

function multiplicationsOf({ batch, rows, columns, channels, depth, filterHeight, filterWidth }: Convolution): number {
  return batch * rows * columns * channels * depth * filterHeight * filterWidth;
}

/** Rows and columns that `rows` rows of the result reach over. */
function reach(one: Convolution, rows: number): [rows: number, columns: number] {
  return [
    (rows - 1) * one.strideHeight + (one.filterHeight - 1) * one.dilationHeight + 1,
    (one.columns - 1) * one.strideWidth + (one.filterWidth - 1) * one.dilationWidth + 1,
  ];
}

/** Bytes of what `rows` rows of the result read of one image. */
function windowBytes(one: Convolution, rows: number): number {
  const [height, width] = reach(one, rows);
  return bytesOf(height * width * one.depth);
}

/** Whether a tap reaches past an edge of the image. */
function hasBorder(one: Convolution): boolean {
  const [rows, columns] = reach(one, one.rows);
  const { padTop, padLeft, height, width } = one;
  return padTop > 0 || padLeft > 0 || rows - padTop > height || columns - padLeft > width;
}

/** Into how many strips of rows each image is cut: windows then stay in the cache, and few images are work for every lane. */
function stripsFor(one: Convolution, lanes: number): number {
  const forCache = Math.ceil(windowBytes(one, one.rows) / WINDOW_BYTES);
  return Math.max(Math.min(forCache, Math.ceil(one.rows / LEAST_ROWS)), Math.ceil(lanes / one.batch));
}
