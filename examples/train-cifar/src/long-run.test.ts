import type { StepEvent } from '@stridelab/trainer';
import { expect, it } from 'vitest';
import { longRunHint } from './long-run.ts';

const STEP: StepEvent = {
  ...{ type: 'step', epoch: 0, batch: 1, batches: 390, step: 1, loss: 2, accuracy: 0.1, learningRate: 0.1 },
  ...{ imagesPerSecond: 10, secondsLeft: 1e6 },
};

function linesOf(events: number, secondsLeft: number): string[] {
  const lines: string[] = [];
  const hint = longRunHint((line) => lines.push(line));
  for (let i = 0; i < events; i++) hint({ ...STEP, secondsLeft });
  return lines;
}

it('says once, when the rate is known, that a run takes hours, and what takes minutes', () => {
  expect(linesOf(59, 90_000)).toEqual([]);
  expect(linesOf(500, 90_000)).toEqual([
    'Note: 25 hours to go at this rate. Ctrl-C saves, and the same command goes on. For a first result: npm start -- --depth 8 --preset quick',
  ]);
});

it('says nothing of a run of some hours', () => {
  expect(linesOf(500, 10_000)).toEqual([]);
});
