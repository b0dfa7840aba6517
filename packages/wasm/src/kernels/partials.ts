// A result that several calls each make a part of the sum of.
import type { Engine } from '../engine/engine.ts';
import { bytesOf } from './kernel.ts';

/** Where `size` float32 values of a result go. */
export interface Target {
  address: number;
  size: number;
}

/**
 * Lets `work` make `parts` results like `out`, each with `scratchBytes` of scratch, and puts their sum in `out`.
 * One part alone is made in `out` itself.
 */
export function sumPartials(
  engine: Engine,
  out: Target,
  parts: number,
  scratchBytes: number,
  work: (results: number[], scratchOf: (part: number) => number) => void,
): void {
  const kept = parts > 1 ? parts * bytesOf(out.size) : 0;
  engine.withScratch(Math.max(8, kept + parts * scratchBytes), (base) => {
    const results = Array.from({ length: parts }, (_, part) =>
      parts > 1 ? base + part * bytesOf(out.size) : out.address,
    );
    work(results, (part) => base + kept + part * scratchBytes);
    if (parts > 1) engine.run('sumRows', [[base, out.address, 1, parts, out.size, 1]]);
  });
}
