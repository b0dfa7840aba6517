import { expect, it } from 'vitest';
import { planLength, smoothLength } from './plan.ts';

it('takes the length of a feature map as it is', () => {
  for (const n of [1, 2, 7, 24, 32]) expect(planLength(n, 2, 2).kind).toBe('dense');
});

it('splits long lengths, and their parts where that pays', () => {
  for (const n of [256, 1000, 1024, 4096]) {
    const plan = planLength(n, 2, 2);
    expect(plan).toMatchObject({ kind: 'split' });
    if (plan.kind === 'split') expect(plan.first * plan.second).toBe(n);
    expect(plan.cost).toBeLessThan(4 * n);
  }
});

it('reaches for a chirp where a large prime leaves nothing else', () => {
  expect(planLength(4093, 2, 2)).toMatchObject({ kind: 'chirp', length: 8192 });
  expect(planLength(1009, 1, 2).kind).toBe('dense');
});

it('never plans a matrix that is too large', () => {
  for (let n = 1500; n < 1600; n++) expect(planLength(n, 2, 2).kind).not.toBe('dense');
});

it.each([
  [1, 1],
  [7, 8],
  [11, 12],
  [8185, 8192],
])('the next smooth length from %d is %d', (n, expected) => {
  expect(smoothLength(n)).toBe(expected);
});
