// The log of a run: events, one a line.
import { existsSync, readFileSync } from 'node:fs';
import type { EpochEvent, TrainingEvent } from '../events.ts';

/** A line of metrics.jsonl. */
export type LoggedEvent = TrainingEvent & { time: string };

/** Whole lines only: a killed process may leave half a one. */
export function readLog(path: string): LoggedEvent[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as LoggedEvent];
      } catch {
        return [];
      }
    });
}

export type EndState = 'interrupted' | 'diverged' | 'finished';

/** How the last training in a log ended, if it came to an end at all. */
export function stateOf(events: readonly LoggedEvent[]): EndState {
  const last = events.findLast((event) => event.type === 'end' || event.type === 'start');
  if (last?.type !== 'end' || last.reason === 'aborted') return 'interrupted';
  return last.reason === 'diverged' ? 'diverged' : 'finished';
}

/** The points of TensorBoard's curves that an event stands for. */
export function scalarsOf(event: Extract<TrainingEvent, { type: 'step' | 'epoch' }>): Record<string, number> {
  const { loss, accuracy, learningRate } = event;
  if (event.type === 'step') return { 'step/loss': loss, 'step/accuracy': accuracy, learning_rate: learningRate };
  const { validationLoss, validationAccuracy, imagesPerSecond, strides } = event as EpochEvent;
  const axes = (count: number) => (count === 2 ? ['height', 'width'] : ['']);
  const perLayer = strides.flatMap((reading) =>
    axes(reading.strides.length).map((axis, i) => [
      `strides/${reading.layer}/${axis}`.replace(/\/$/, ''),
      reading.strides[i]!,
    ]),
  );
  return {
    'epoch/loss': loss,
    'epoch/accuracy': accuracy,
    ...(validationLoss !== undefined && { 'epoch/validation_loss': validationLoss }),
    ...(validationAccuracy !== undefined && { 'epoch/validation_accuracy': validationAccuracy }),
    'epoch/images_per_second': imagesPerSecond,
    ...Object.fromEntries(perLayer),
  };
}
