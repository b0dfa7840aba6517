import { expectNamedError } from '@stridelab/test-kit';
import { describe, expect, it } from 'vitest';
import { TrainerError } from './errors.ts';
import { PRESETS } from './presets.ts';
import { constant, cosine, learningRateAt, piecewise, type Schedule, warmUp } from './schedules.ts';

const at = (schedule: Schedule, steps: number[], total = 100) =>
  steps.map((step) => learningRateAt(schedule, step, total));

describe('schedules', () => {
  it('constant', () => expect(at(constant(0.3), [0, 50, 100])).toEqual([0.3, 0.3, 0.3]));

  it('piecewise changes at its boundaries', () => {
    expect(at(piecewise([1, 2, 3], [10, 20]), [0, 9, 10, 19, 20, 99])).toEqual([1, 1, 2, 2, 3, 3]);
  });

  it('the published recipe: 0.01 / 0.1 / 0.01 / 0.001 at 400 / 18,000 / 32,000', () => {
    const { schedule } = PRESETS.published.training;
    const steps = [0, 399, 400, 17_999, 18_000, 31_999, 32_000, 47_999];
    expect(at(schedule, steps, 48_000)).toEqual([0.01, 0.01, 0.1, 0.1, 0.01, 0.01, 0.001, 0.001]);
  });

  it('cosine falls from its rate to its end', () => {
    const rates = at(cosine(1, { final: 0.2 }), [0, 50, 100, 150]);
    for (const [i, expected] of [1, 0.6, 0.2, 0.2].entries()) expect(rates[i]).toBeCloseTo(expected, 12);
    expect(at(cosine(1, { steps: 10 }), [5])[0]).toBeCloseTo(0.5, 12);
    expect(cosine(1, null as never)).toEqual(cosine(1));
  });

  it('warm-up rises to the first rate of what follows, which counts from there', () => {
    const schedule = warmUp(4, piecewise([1, 0.5], [10]));
    expect(at(schedule, [0, 1, 2, 3, 4, 13, 14])).toEqual([0.2, 0.4, 0.6, 0.8, 1, 1, 0.5]);
    expect(at(warmUp(20, cosine(1)), [20, 60, 100])[1]).toBeCloseTo(0.5, 12);
  });

  it.each<[() => unknown, string]>([
    [() => constant(-1), 'rate must be a finite number >= 0, got -1'],
    [() => constant(Number.NaN), 'rate must be a finite number >= 0, got NaN'],
    [() => piecewise([1], [5]), 'there must be one rate more than boundaries, got {rates: [1], boundaries: [5]}'],
    [() => piecewise([1, 2, 3], [5, 5]), 'boundaries must grow, got [5, 5]'],
    [() => piecewise([1, 2], [0.5]), 'each boundary must be a whole number >= 0, got 0.5'],
    [() => cosine(1, { steps: 0 }), 'steps must be a whole number >= 1, got 0'],
    [() => cosine(0.1, { min: 0 } as never), 'options must be some of {final, steps}, got {min: 0}'],
    [() => cosine(0.1, 5 as never), 'options must be some of {final, steps}, got 5'],
    [
      () => warmUp(1, { kind: 'cosine', rate: 1, fina: 0.1 } as never),
      "a schedule of kind 'cosine' must be some of {kind, rate, final, steps}, got {kind: 'cosine', rate: 1, fina: 0.1}",
    ],
    [() => warmUp(-1, constant(1)), 'steps must be a whole number >= 0, got -1'],
    [
      () => warmUp(1, { kind: 'linear' } as never),
      "kind must be 'constant', 'piecewise', 'cosine' or 'warm-up', got {kind: 'linear'}",
    ],
    [
      () => learningRateAt(undefined as never, 1, 10),
      "kind must be 'constant', 'piecewise', 'cosine' or 'warm-up', got undefined",
    ],
  ])('refuses %s', async (make, message) => {
    await expectNamedError(make, TrainerError, `trainer.schedule: ${message}`);
  });
});

it('presets are data: they survive JSON', () => {
  expect(JSON.parse(JSON.stringify(PRESETS))).toEqual(PRESETS);
  expect(Object.keys(PRESETS)).toEqual(['published', 'quick', 'standard']);
});
