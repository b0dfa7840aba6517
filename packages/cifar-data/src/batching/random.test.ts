import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exp, log, symmetricBeta } from './beta.ts';
import { permutation, randomFor } from './random.ts';

describe('randomFor', () => {
  it('gives the same numbers on every machine, for ever', () => {
    const words = (...key: number[]) => {
      const random = randomFor(...key);
      return Array.from({ length: 3 }, () => random.uniform() * 2 ** 32);
    };
    expect(words(0)).toEqual(PINNED[0]);
    expect(words(1, 2, 3)).toEqual(PINNED[1]);
    expect(words(2 ** 40 + 5)).toEqual(PINNED[2]);
  });

  it('gives others for every other key', () => {
    const keys = [[0], [1], [0, 0], [0, 1], [1, 0], [2 ** 32], [2 ** 32 + 1], [0, 0, 0]];
    const firsts = keys.map((key) => randomFor(...key).uniform());
    expect(new Set(firsts).size).toBe(keys.length);
    const many = Array.from({ length: 20_000 }, (_, i) => randomFor(7, i).uniform());
    expect(new Set(many).size).toBeGreaterThan(19_990);
    // Streams of neighbouring keys are as uniform together as one stream is alone.
    const bins = new Array(16).fill(0);
    for (const value of many) bins[Math.floor(value * 16)]++;
    const chiSquare = bins.reduce((sum, count) => sum + (count - 1250) ** 2 / 1250, 0);
    expect(chiSquare).toBeLessThan(45); // 15 degrees of freedom: above with probability 1e-4
  });

  it('permutes evenly', () => {
    const random = randomFor(3);
    const counts = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = permutation(3, random).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(['012', '021', '102', '120', '201', '210']);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(130);
  });
});

const PINNED = [
  [1260651156, 3450065575, 236764976],
  [3524485816, 2107522316, 1013137395],
  [2812257609, 4231970213, 3894682305],
];

describe('beta', () => {
  it('has the logarithm and the exponential of mathematics', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), (x) => {
        expect(Math.abs(log(x) - Math.log(x))).toBeLessThan(1e-14 * Math.max(1, Math.abs(Math.log(x))));
      }),
    );
    fc.assert(
      fc.property(fc.double({ min: -700, max: 700, noNaN: true }), (x) => {
        expect(Math.abs(exp(x) / Math.exp(x) - 1)).toBeLessThan(1e-12);
      }),
    );
    expect([exp(-800), exp(800)]).toEqual([0, Number.POSITIVE_INFINITY]);
  });

  it.each([0.01, 0.2, 0.5, 1, 2, 8, 100])('Beta(%d, %d) has its mean and variance', (alpha) => {
    const random = randomFor(11, Math.round(alpha * 100));
    const count = 20_000;
    const values = Array.from({ length: count }, () => symmetricBeta(alpha, random));
    expect(values.every((value) => value >= 0 && value <= 1)).toBe(true);
    const mean = values.reduce((sum, value) => sum + value, 0) / count;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
    const expected = 1 / (4 * (2 * alpha + 1));
    expect(Math.abs(mean - 0.5)).toBeLessThan(5 * Math.sqrt(expected / count));
    expect(Math.abs(variance / expected - 1)).toBeLessThan(0.06);
  });

  it.each([Number.MIN_VALUE, 1e-300])('Beta(%d, %d) is a coin', (alpha) => {
    const random = randomFor(11);
    const values = Array.from({ length: 100 }, () => symmetricBeta(alpha, random));
    expect(new Set(values)).toEqual(new Set([0, 1]));
  });
});
