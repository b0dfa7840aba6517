// Losses on their way from the device: each is read while the step after it runs, and looked at before anything is saved.
import type { Progress } from './checkpoint.ts';
import { type DeviceBatch, largest } from './data.ts';
import { DivergedError } from './errors.ts';
import type { FitOptions } from './options.ts';
import type { StepResult } from './step.ts';

interface Running extends StepResult {
  step: number;
  epoch: number;
  batchNumber: number;
  size: number;
  learningRate: number;
  values: Promise<[Float32Array, Float32Array, ArrayLike<number>]>;
}

interface LossesParts {
  progress: Progress;
  batches: number;
  totalSteps: number;
  classes: number;
  options: FitOptions;
}

export class Losses {
  private readonly parts: LossesParts;
  private running: Running | undefined;
  private lastTime = performance.now();
  /** Recent mean of the time that a step takes. */
  private secondsPerStep: number | undefined;
  private laps = 0;

  constructor(parts: LossesParts) {
    this.parts = parts;
  }

  /** Takes a step's tensors over, having waited for the step before. */
  async add({ loss, logits, batch, learningRate }: StepResult & { batch: DeviceBatch; learningRate: number }) {
    const values = Promise.all([loss.data<'float32'>(), logits.data<'float32'>(), batch.classes]);
    values.catch(() => {}); // whoever settles it hears of it
    const { step, epoch, batch: batchNumber } = this.parts.progress;
    const before = this.running;
    this.running = { loss, logits, step, epoch, batchNumber, size: batch.size, learningRate, values };
    if (before) await this.take(before);
  }

  /** Waits until every step's loss is known to be a number. */
  async settle(): Promise<void> {
    const last = this.running;
    this.running = undefined;
    if (last) await this.take(last);
  }

  private async take({ loss, logits, step, epoch, batchNumber, size, learningRate, values }: Running): Promise<void> {
    const { progress, batches, classes, options } = this.parts;
    try {
      const [[value], rows, labels] = await values;
      if (!Number.isFinite(value)) throw new DivergedError(step - 1, epoch, value!);
      const predicted = largest(rows, classes);
      const correct = predicted.filter((label, i) => label === labels[i]).length;
      const seconds = this.lap();
      const { sums } = progress;
      sums.loss += value! * size;
      sums.correct += correct;
      sums.images += size;
      sums.seconds += seconds;
      options.onEvent?.({
        type: 'step',
        step,
        epoch,
        batch: batchNumber,
        batches,
        loss: value!,
        accuracy: correct / size,
        learningRate,
        imagesPerSecond: size / this.secondsPerStep!,
        secondsLeft: this.secondsLeft(step),
      });
    } finally {
      loss.dispose();
      logits.dispose();
    }
  }

  /** What happened since the last step counts as none of the next one's time. */
  restartClock(): void {
    this.lastTime = performance.now();
  }

  secondsLeft(step: number): number {
    return (this.parts.totalSteps - step) * (this.secondsPerStep ?? 0);
  }

  private lap(): number {
    const now = performance.now();
    const seconds = Math.max(now - this.lastTime, 1e-3) / 1000;
    this.lastTime = now;
    // The first step is no measure of those to come: a GPU's kernels are compiled in it.
    const share = this.laps++ < 2 ? 1 : 0.1;
    this.secondsPerStep = (1 - share) * (this.secondsPerStep ?? 0) + share * seconds;
    return seconds;
  }

  /** Frees what nobody waits for any more. */
  dispose(): void {
    this.running?.loss.dispose();
    this.running?.logits.dispose();
    this.running = undefined;
  }
}
