import { describe, expect, it } from 'vitest';
import { joinAxes, stepsOf } from './axes.ts';

it('tells how far apart neighbours are', () => {
  expect([[], [5], [2, 3, 4]].map(stepsOf)).toEqual([[], [1], [12, 4, 1]]);
});

describe('axes', () => {
  it('of what stays where it is are one, and none where there is one value', () => {
    expect(joinAxes([2, 3, 4], [12, 4, 1])).toEqual([{ length: 24, from: 1, to: 1 }]);
    expect(joinAxes([1, 5, 1], [5, 1, 1])).toEqual([{ length: 5, from: 1, to: 1 }]);
    for (const shape of [[], [1, 1]]) expect(joinAxes(shape, stepsOf(shape))).toEqual([]);
  });

  it('that go on within each other are one, and others stay apart', () => {
    // [2, 3, 4] with its last axis first: the others are neighbours as before.
    expect(joinAxes([4, 2, 3], [1, 12, 4])).toEqual([
      { length: 4, from: 1, to: 6 },
      { length: 6, from: 4, to: 1 },
    ]);
    expect(joinAxes([4, 3, 2], [1, 4, 12])).toEqual([
      { length: 4, from: 1, to: 6 },
      { length: 3, from: 4, to: 2 },
      { length: 2, from: 12, to: 1 },
    ]);
    // The middle of a larger array.
    expect(joinAxes([2, 2, 4], [20, 4, 1])).toEqual([
      { length: 2, from: 20, to: 8 },
      { length: 8, from: 1, to: 1 },
    ]);
  });
});
