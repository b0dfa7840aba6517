import fc from 'fast-check';
import { expect, it } from 'vitest';
import { adjoint, denseMatrix, type LineTransform, rowWeight, side } from './line-transform.ts';

const anySide = fc.record({
  parts: fc.constantFrom<1 | 2>(1, 2),
  rows: fc.integer({ min: 1, max: 9 }),
  half: fc.boolean(),
});
const anyTransform: fc.Arbitrary<LineTransform> = fc.record({
  n: fc.integer({ min: 1, max: 9 }),
  sign: fc.constantFrom<1 | -1>(1, -1),
  scale: fc.double({ min: 0.5, max: 2, noNaN: true }),
  input: anySide,
  output: anySide,
});

it('has the transposed matrix as its adjoint', () => {
  fc.assert(
    fc.property(anyTransform, (transform) => {
      const { input, output } = transform;
      const [height, width] = [output.parts * output.rows, input.parts * input.rows];
      const matrix = denseMatrix(transform);
      const other = denseMatrix(adjoint(transform));
      for (let i = 0; i < height; i++) {
        for (let j = 0; j < width; j++) expect(other[j * height + i]).toBeCloseTo(matrix[i * width + j]!, 6);
      }
    }),
  );
});

it('weighs the bins of half a spectrum as what they stand for', () => {
  const bins = (n: number, part: number) => [0, 1, 2].map((k) => rowWeight(side(2, 3, true), k, part, n));
  expect(bins(4, 0)).toEqual([1, 2, 1]);
  expect(bins(4, 1)).toEqual([0, 2, 0]);
  expect(bins(5, 0)).toEqual([1, 2, 2]);
  expect(bins(5, 1)).toEqual([0, 2, 2]);
});
