import { randomValues } from '@stridelab/test-kit';
import { describe, expect, it } from 'vitest';
import { kernel, MIRRORED, matrix } from '../testing/mirrored.ts';
import { type Folding, foldingOf, type Half, halvesOf, type Order } from './folding.ts';

/** What the assembly does, one number after another. */
function byHalves(values: Float32Array, folding: Folding, x: readonly number[]): number[] {
  const { inputs, outputs, even, odd } = halvesOf(values, folding);
  const times = ({ rows, columns, values: own }: Half, v: number[]) =>
    Array.from({ length: rows }, (_, i) => v.reduce((sum, value, j) => sum + value * own[i * columns + j]!, 0));
  const part = (kind: 'evens' | 'odds', sign: number, { pairs, ...alone }: Order) => [
    ...pairs.map(([place, other, own]) => x[place]! + sign * own * x[other]!),
    ...alone[kind].map((place) => x[place]!),
  ];
  const sums = times(even, part('evens', 1, inputs));
  const differences = times(odd, part('odds', -1, inputs));
  const y: number[] = [];
  for (const [i, [place, other, sign]] of outputs.pairs.entries()) {
    y[place] = sums[i]! + differences[i]!;
    y[other] = sign * (sums[i]! - differences[i]!);
  }
  for (const [i, place] of outputs.evens.entries()) y[place] = sums[outputs.pairs.length + i]!;
  for (const [i, place] of outputs.odds.entries()) y[place] = differences[outputs.pairs.length + i]!;
  return y;
}

describe.each(MIRRORED)('$name', ({ rows, n, values }) => {
  const folding = foldingOf(values, rows, n);

  it('falls apart into two matrices of half the numbers', () => {
    const { even, odd } = halvesOf(values, folding!);
    expect(even.rows + odd.rows).toBeGreaterThanOrEqual(rows);
    expect(even.values.length + odd.values.length).toBeLessThan(0.6 * rows * n);
  });

  it('and the product with both is the product', () => {
    const x = [...randomValues(n, 1)];
    const y = byHalves(values, folding!, x);
    expect(y).toHaveLength(rows);
    for (const [i, value] of y.entries()) {
      expect(value).toBeCloseTo(
        x.reduce((sum, v, j) => sum + v * values[i * n + j]!, 0),
        4,
      );
    }
  });
});

it('leaves alone what is no mirror image of itself, or nearly one, or small', () => {
  expect(foldingOf(randomValues(12 * 16, 1), 12, 16)).toBeUndefined();
  const nearly = matrix(12, 16, (i, j) => kernel(i / 12 - j / 16));
  nearly[5 * 16 + 3]! += 1e-5;
  expect(foldingOf(nearly, 12, 16)).toBeUndefined();
  expect(
    foldingOf(
      matrix(4, 16, (i, j) => kernel(i / 4 - j / 16)),
      4,
      16,
    ),
  ).toBeUndefined();
  expect(
    foldingOf(
      matrix(8, 8, () => Number.NaN),
      8,
      8,
    ),
  ).toBeUndefined();
});
