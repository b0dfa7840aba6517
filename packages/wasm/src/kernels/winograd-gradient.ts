// The gradient of a filter by assembly/winograd-gradient.ts.
import type { Engine } from '../engine/engine.ts';
import { split } from '../engine/split.ts';
import type { Convolution } from './convolve.ts';
import { sumPartials } from './partials.ts';
import { elementsBytes, planOf, shapeOf, sideFor, tilesOf } from './winograd.ts';

/**
 * From so many channels on lanes share them out rather than the tiles: every lane transforms all of X then, which is little beside the
 * products, and there are no large sums of several lanes to add.
 */
const CHANNELS_TO_SHARE = 256;

/** Makes dFilter of the convolution `one` from the addresses of X and dY. */
export function runWinogradGradient(
  engine: Engine,
  lanes: number,
  one: Convolution,
  { x, dy }: Record<'x' | 'dy', number>,
  dFilter: number,
): void {
  const side = sideFor(one);
  const { most, scratchBytes } = planOf(one, side);
  const tiles = tilesOf(one, side);
  const blocks = Math.ceil(one.channels / 8);
  const bytes = elementsBytes(one, side);
  engine.withScratch(bytes, (sums) => {
    const callFor = (result: number, scratch: number, [first, count]: number[], [firstBlock, own]: number[]) => {
      return [x, dy, result, scratch, first!, count!, most, ...shapeOf(one), side, firstBlock!, own!];
    };
    if (one.channels >= CHANNELS_TO_SHARE) {
      engine.withScratch(lanes * scratchBytes, (scratch) => {
        const calls = split(blocks, lanes).map(({ index, start, count }) =>
          callFor(sums, scratch + index * scratchBytes, [0, tiles], [start, count]),
        );
        engine.run('winogradBackpropFilter', calls);
      });
    } else {
      const parts = split(tiles, lanes);
      sumPartials(engine, { address: sums, size: bytes / 4 }, parts.length, scratchBytes, (results, scratchOf) => {
        const calls = parts.map(({ index, start, count }) =>
          callFor(results[index]!, scratchOf(index), [start, count], [0, blocks]),
        );
        engine.run('winogradBackpropFilter', calls);
      });
    }
    engine.run(
      'winogradFilterGradient',
      split(one.depth, lanes).map(({ start, count }) => [sums, dFilter, one.depth, one.channels, side, start, count]),
    );
  });
}
