import { expectNamedError } from '@stridelab/test-kit';
import { expect, it, vi } from 'vitest';
import { TrainerError } from './errors.ts';
import type { EpochEvent, StrideReading, TrainingEvent } from './events.ts';
import { duration, progressLines } from './progress-lines.ts';

const strides: StrideReading[] = [
  { layer: 'a', strides: [2, 2.125], learned: true, from: [32, 32], to: [24, 24] },
  { layer: 'b', strides: [2, 2], learned: false, from: [24, 24], to: [12, 12] },
];
const epoch: EpochEvent = {
  type: 'epoch',
  epoch: 0,
  epochs: 10,
  step: 5,
  loss: 1.23456,
  accuracy: 0.5,
  learningRate: 0.1,
  strides,
  imagesPerSecond: 123.4,
  seconds: 2,
  secondsLeft: 75,
  best: true,
};

it('writes what a person wants to know', () => {
  const lines: string[] = [];
  const overwritten: string[] = [];
  const listen = progressLines({ write: (line) => lines.push(line), overwrite: (line) => overwritten.push(line) });
  const run = { epochs: 10, batches: 5, step: 0, totalSteps: 50, trainableParameters: 11172178, backend: 'cpu' };
  const step = { epoch: 0, batch: 2, batches: 5, step: 2, loss: 2, accuracy: 0.25, learningRate: 0.1 };
  const events: TrainingEvent[] = [
    { type: 'start', ...run, strides },
    { type: 'resume', step: 7, epoch: 1, batch: 2, from: 'file' },
    { type: 'notice', message: 'a file is damaged' },
    { type: 'step', ...step, imagesPerSecond: 100, secondsLeft: 8 },
    epoch,
    { ...epoch, epoch: 9, validationLoss: 1, validationAccuracy: 0.75, strides: [] },
    { type: 'checkpoint', step: 5, where: 'x', best: true },
    { type: 'end', step: 50, reason: 'aborted' },
    { type: 'end', step: 50, reason: 'diverged' },
  ];
  for (const event of events) listen(event);
  expect(lines).toEqual([
    '11,172,178 parameters, 10 epochs of 5 steps on cpu, strides 2.00x2.13',
    'Goes on from file: step 7, epoch 2, batch 2',
    'Note: a file is damaged',
    'epoch  1/10  loss 1.2346  accuracy 50.0%  strides 2.00x2.13  123 images/s  1 min 15 s left',
    'epoch 10/10  loss 1.2346  accuracy 50.0%  validation 1.0000 75.0%  123 images/s',
    'Interrupted',
    'Diverged: the loss is no longer a number',
  ]);
  expect(overwritten).toEqual(['epoch 1  2/5  loss 2.0000  accuracy 25.0%  100 images/s  8 s left']);
});

it('takes no options for none', () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  progressLines(null as never)({ type: 'notice', message: 'hello' });
  expect(log.mock.calls).toEqual([['Note: hello']]);
  log.mockRestore();
});

it('names what it cannot write by', async () => {
  const wrong = (options: unknown, message: string) =>
    expectNamedError(() => progressLines(options as never), TrainerError, `trainer.progressLines: ${message}`);
  await wrong({ writ: console.log }, 'options must be some of {write, overwrite}, got {writ: a Function}');
  await wrong({ write: 'log' }, "write must be a function, got 'log'");
});

it.each([
  [3, '3 s'],
  [59.6, '1 min 00 s'],
  [3725, '1 h 02 min'],
])('%s seconds are %s', (seconds, text) => expect(duration(seconds)).toBe(text));
