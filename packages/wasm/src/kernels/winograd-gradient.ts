// The gradient of a filter by assembly/winograd-gradient.ts.
import type { Engine } from '../engine/engine.ts';
import { split } from '../engine/split.ts';
import type { Convolution } from './convolve.ts';
import { sumPartials } from './partials.ts';
import { elementsBytes, planOf, shapeOf, tilesOf } from './winograd.ts';

/** Makes dFilter of the convolution `one` from the addresses of X and dY. */
export function runWinogradGradient(
  engine: Engine,
  lanes: number,
  one: Convolution,
  { x, dy }: Record<'x' | 'dy', number>,
  dFilter: number,
): void {
  const { most, scratchBytes } = planOf(one);
  const parts = split(tilesOf(one), lanes);
  const bytes = elementsBytes(one);
  engine.withScratch(bytes, (sums) => {
    sumPartials(engine, { address: sums, size: bytes / 4 }, parts.length, scratchBytes, (results, scratchOf) => {
      const calls = parts.map(({ index, start, count }) => {
        return [x, dy, results[index]!, scratchOf(index), start, count, most, ...shapeOf(one)];
      });
      engine.run('winogradBackpropFilter', calls);
    });
    engine.run('winogradFilterGradient', [[sums, dFilter, one.depth, one.channels]]);
  });
}
