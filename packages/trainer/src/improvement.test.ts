import { expect, it } from 'vitest';
import type { Progress } from './checkpoint.ts';
import { startingProgress } from './checkpoint.ts';
import type { EpochEvent } from './events.ts';
import { improves, isStale } from './improvement.ts';
import { trainingSettings } from './options.ts';

const settings = trainingSettings({ epochs: 9, monitor: 'validationLoss', earlyStopping: { patience: 2 } }, true);
const event = (validationLoss: number) => ({ validationLoss }) as EpochEvent;
const after = (epoch: number, best: Progress['best'] = null): Progress => ({ ...startingProgress(), epoch, best });

it('takes for the best what is better by enough', () => {
  const demanding = { ...settings, earlyStopping: { patience: 2, minDelta: 0.25 } };
  const best = { epoch: 0, value: 1 };
  expect(improves(settings, after(0), event(5))).toBe(true);
  expect(improves(settings, after(1, best), event(0.9))).toBe(true);
  expect(improves(settings, after(1, best), event(1))).toBe(false);
  expect(improves(demanding, after(1, best), event(0.9))).toBe(false);
});

it('never takes what is no number for the best: a checkpoint, which is JSON, would make it another one', () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(improves(settings, after(0), event(value))).toBe(false);
    expect(improves(settings, after(1, { epoch: 0, value: 1 }), event(value))).toBe(false);
  }
});

it('is stale after as many epochs as patience allows, also where none was any good', () => {
  expect([3, 4, 5].map((epoch) => isStale(settings, after(epoch, { epoch: 2, value: 1 })))).toEqual([
    false,
    false,
    true,
  ]);
  expect([0, 1, 2].map((epoch) => isStale(settings, after(epoch)))).toEqual([false, false, true]);
});
