import { expect, it } from 'vitest';
import { cosine, sine } from './trigonometry.ts';

it('is exact at quarter turns, of any sign and however often round', () => {
  expect([0, 1, 2, 3, 4, 5, -1, -2].map((k) => sine(k, 4))).toEqual([0, 1, 0, -1, 0, 1, -1, 0]);
  expect([0, 1, 2, 3, 4, -1].map((k) => cosine(k, 4))).toEqual([1, 0, -1, 0, 1, 0]);
  expect(sine(6, 12)).toBe(0);
  expect(cosine(2 ** 40 * 3, 12)).toBe(cosine((2 ** 40 * 3) % 12, 12));
});

it('is sine and cosine elsewhere', () => {
  for (let k = 0; k < 37; k++) {
    expect(sine(k, 37)).toBeCloseTo(Math.sin((2 * Math.PI * k) / 37), 14);
    expect(cosine(k, 37)).toBeCloseTo(Math.cos((2 * Math.PI * k) / 37), 14);
  }
});
