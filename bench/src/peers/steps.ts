// What is timed here and there: steps of one network, recipe and batch.
import { type Size, sizeFor, type Training } from '../gpu/networks.ts';

export const KINDS = ['strided', 'diffstride'] as const;
export type Kind = (typeof KINDS)[number];

export const SIZE: Size = { ...sizeFor({ tiny: false }), batch: 32 };
export const STEPS = 3;

const WARM_UP = 2;

/** Milliseconds of each step. The backend has computed when it returns. */
export function times({ step, images, labels, dispose }: Training): number[] {
  const all = Array.from({ length: WARM_UP + STEPS }, () => {
    const start = performance.now();
    step(images, labels).dispose();
    return performance.now() - start;
  });
  dispose();
  return all.slice(WARM_UP);
}
