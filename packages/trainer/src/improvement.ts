// When an epoch is the best one, and when it is time to give up.
import type { Progress } from './checkpoint.ts';
import type { EpochEvent } from './events.ts';
import type { TrainingSettings } from './options.ts';

/** Whether an epoch is better than the best before it, by more than `minDelta`. */
export function improves({ monitor, earlyStopping }: TrainingSettings, { best }: Progress, event: EpochEvent): boolean {
  const value = event[monitor]!;
  // What is no number would come out of a checkpoint, which is JSON, as another value than went in.
  if (!Number.isFinite(value)) return false;
  if (!best) return true;
  const gain = monitor.toLowerCase().endsWith('loss') ? best.value - value : value - best.value;
  return gain > (earlyStopping?.minDelta ?? 0);
}

/** Whether the last epochs, as many as patience allows, were no better than one before them. */
export function isStale({ earlyStopping }: TrainingSettings, { best, epoch }: Progress): boolean {
  return Boolean(earlyStopping && epoch - 1 - (best?.epoch ?? -1) >= earlyStopping.patience);
}
