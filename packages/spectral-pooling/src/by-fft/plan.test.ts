import type { Tensor } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { inPasses, linesFor, passesFor } from './plan.ts';

const images = (batch: number) => ({ shape: [batch, 1, 1, 1] }) as Tensor;

it('goes through a twelfth of an image at a time, or less where a length has a large prime factor', () => {
  expect(linesFor(512, images(1), 480)).toBe(40);
  expect(linesFor(1201, images(1), 480)).toBe(14); // a third of that, and a little
  expect(linesFor(2 * 503, images(1), 480)).toBe(40); // 503 is one product with a matrix
  expect(linesFor(512, images(4), 480)).toBe(160); // of all images together a twelfth
  expect(linesFor(512, images(100), 480)).toBe(480);
  expect(linesFor(512, images(1), 16)).toBe(1);
  expect(linesFor(512, images(1), 3)).toBe(1);
});

it('makes as many passes as the room wants, and no more than there are columns', () => {
  const held = (share: number) => 10 * share;
  expect(passesFor(100, 10, held)).toBe(1);
  expect(passesFor(100, 3, held)).toBe(4);
  expect(passesFor(5, 1, held)).toBe(5);
});

it('hands out all columns once, in their order', () => {
  const columns = Array.from({ length: 7 }, (_, j) => ({ input: j, output: j, amplitude: 1, weight: j }));
  const seen = inPasses(columns, 3, (some, first) => some.map(({ input }, i) => [input, first + i]));
  expect(seen).toEqual(columns.map(({ input }) => [input, input]));
});
