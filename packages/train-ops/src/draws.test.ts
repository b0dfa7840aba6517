import { expect, it } from 'vitest';
import { drawMask } from './draws.ts';

const SIZE = 2 ** 21;

function masked(rate: number, draw: readonly [seed: number, step: number], scale = 1): Float32Array {
  const out = new Float32Array(SIZE);
  drawMask(out, ...draw, rate * 2 ** 32, scale);
  return out;
}

it('drops the share that was asked for', () => {
  for (const rate of [0.01, 0.25, 0.5, 0.999]) {
    const dropped = masked(rate, [5, 6]).filter((value) => value === 0).length;
    expect(Math.abs(dropped - SIZE * rate) / Math.sqrt(SIZE * rate * (1 - rate))).toBeLessThan(4);
  }
});

it('has nothing to do with what is drawn beside it, at other steps, or from other seeds', () => {
  /** 1 or -1, so that a sum of so many products of two that are independent has the deviation sqrt(SIZE). */
  const signs = (draw: readonly [seed: number, step: number]) => masked(0.5, draw, 2).map((value) => value - 1);
  const related = (a: Float32Array, b: Float32Array, lag: number) => {
    let sum = 0;
    for (let i = lag; i < SIZE; i++) sum += a[i]! * b[i - lag]!;
    return Math.abs(sum) / Math.sqrt(SIZE);
  };
  // The last ones end in many zeros once they are multiplied and added to, as the paper's generator begins.
  for (const [seed, step] of [
    [0, 0],
    [0, 1],
    [9, 500],
    [2 ** 24 - 1, 2 ** 23],
    [4069, 4069],
    [14028773, 4069],
    [2021, 997],
  ] as const) {
    const here = signs([seed, step]);
    for (const lag of [1, 2, 3, 4, 64, 100, 1024, 2 ** 16, 2 ** 19]) expect(related(here, here, lag)).toBeLessThan(4.5);
    for (const other of [
      [seed, step + 1],
      [seed + 1, step],
      [step + 2, seed],
    ] as const) {
      expect(related(here, signs(other), 0)).toBeLessThan(4.5);
    }
  }
});
