// Pieces of a tensor in another order, by a kernel that copies whole runs.
import { util } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine/engine.ts';
import { split } from '../engine/split.ts';
import { bytesOf } from './kernel.ts';

/** Runs `work` with indices in memory. */
export function withIndices(engine: Engine, indices: number[], work: (address: number) => void): void {
  const bytes = bytesOf(indices.length);
  engine.withScratch(bytes, (at) => {
    engine.bytes(at, bytes).set(new Uint8Array(Int32Array.from(indices).buffer));
    work(at);
  });
}

/** Addresses of two arrays, (..., n, ...) of this shape and (..., m, ...), and what part of the first each of the m is. */
interface Taken {
  from: number;
  to: number;
  shape: number[];
  axis: number;
  indices: number[];
}

/** to[..., i, ...] = from[..., indices[i], ...], of values of 4 bytes. */
export function takeAlong(engine: Engine, { from, to, shape, axis, indices }: Taken): void {
  const runs = util.sizeFromShape(shape.slice(0, axis));
  const bytes = bytesOf(util.sizeFromShape(shape.slice(axis + 1)));
  const stepFrom = shape[axis]! * bytes;
  const stepTo = indices.length * bytes;
  withIndices(engine, indices, (at) => {
    // Whichever there are more of.
    const byRuns = runs > indices.length;
    const lanes = engine.lanesFor((runs * stepTo) / bytesOf(1));
    const calls = split(byRuns ? runs : indices.length, lanes).map(({ start, count }) =>
      byRuns
        ? [from + start * stepFrom, at, to + start * stepTo, bytes, indices.length, count, stepFrom, stepTo]
        : [from, at + bytesOf(start), to + start * bytes, bytes, count, runs, stepFrom, stepTo],
    );
    engine.run('gatherRuns', calls);
  });
}
