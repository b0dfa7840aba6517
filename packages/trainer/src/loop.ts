// The loop over epochs and batches.
import type { FusedOptimizer } from '@stridelab/train-ops';
import { getBackend } from '@tensorflow/tfjs-core';
import { emptySums, type Progress, type TrainingState } from './checkpoint.ts';
import { type EpochBatches, type TrainingData, toDevice } from './data.ts';
import { DivergedError, TrainerError } from './errors.ts';
import { type Evaluation, evaluateNetwork } from './evaluate.ts';
import type { EndReason, EpochEvent } from './events.ts';
import { improves, isStale } from './improvement.ts';
import { Losses } from './losses.ts';
import type { Network } from './network.ts';
import { nextTask } from './next-task.ts';
import type { FitOptions, TrainingSettings } from './options.ts';
import { withRandom } from './random.ts';
import { learningRateAt } from './schedules.ts';
import { type StepRunner, stepRunner } from './step-runner.ts';
import { readStrides } from './strides.ts';

export interface LoopParts {
  network: Network;
  optimizer: FusedOptimizer;
  data: TrainingData;
  /** In an epoch. */
  batches: number;
  settings: TrainingSettings;
  options: FitOptions;
  /** Kept up to date as the loop goes. */
  progress: Progress;
  capture(): Promise<TrainingState>;
}

export class Loop {
  private readonly parts: LoopParts;
  private readonly totalSteps: number;
  private readonly losses: Losses;
  private example: readonly (number | null)[];
  private runner: StepRunner | undefined;
  private lastSave = { step: -1, time: performance.now() };

  constructor(parts: LoopParts) {
    const { settings, batches, progress, options, network } = parts;
    this.parts = parts;
    this.totalSteps = settings.epochs * batches;
    this.losses = new Losses({ progress, batches, totalSteps: this.totalSteps, classes: network.classes, options });
    this.example = network.example;
    if (progress.step > 0) this.lastSave.step = progress.step;
  }

  async run(): Promise<EndReason> {
    const { progress, settings, options } = this.parts;
    await this.announce();
    let reason: EndReason = 'finished';
    try {
      while (progress.epoch < settings.epochs && reason === 'finished') {
        if (isStale(settings, progress)) reason = 'early-stop';
        else if (!(await this.epoch())) reason = 'aborted';
      }
    } catch (error) {
      // A log that just stopped would look like one of a process that was killed.
      if (error instanceof DivergedError) options.onEvent?.({ type: 'end', step: error.step, reason: 'diverged' });
      throw error;
    } finally {
      this.losses.dispose();
      this.runner?.dispose();
    }
    options.onEvent?.({ type: 'end', step: progress.step, reason });
    return reason;
  }

  private async announce(): Promise<void> {
    const { network, batches, settings, progress, options } = this.parts;
    const { variables, model } = network;
    options.onEvent?.({
      type: 'start',
      epochs: settings.epochs,
      batches,
      step: progress.step,
      totalSteps: this.totalSteps,
      trainableParameters: variables.reduce((sum, { size }) => sum + size, 0),
      backend: getBackend(),
      strides: await readStrides(model, this.example),
      multiplyAdds: options.multiplyAdds?.(model),
    });
  }

  /** The rest of the epoch at hand; false where the signal ended it before its time. */
  private async epoch(): Promise<boolean> {
    const { progress, options, batches } = this.parts;
    const epochData = this.batchesOf(progress.epoch);
    this.losses.restartClock();
    // None are left where it was interrupted while it looked at the validation data.
    for await (const given of progress.batch < batches ? epochData.from(progress.batch) : []) {
      const aborted = options.signal?.aborted;
      if (aborted) given.dispose?.();
      if (aborted) break;
      const batch = toDevice('fit', given, this.parts.network.example, this.parts.network.classes);
      try {
        this.example = batch.images.shape.slice(1);
        await this.step(batch);
      } finally {
        batch.dispose();
      }
      await nextTask();
      if (progress.batch < batches && !options.signal?.aborted && this.saveIsDue()) await this.save(false);
      if (progress.batch >= batches) break;
    }
    await this.settle();
    if (progress.batch < batches && !options.signal?.aborted) {
      throw new TrainerError('fit', `an epoch must give its ${batches} batches`, progress.batch);
    }
    if (progress.batch >= batches && (await this.finishEpoch())) {
      return !options.signal?.aborted || progress.epoch >= this.parts.settings.epochs;
    }
    if (progress.step !== this.lastSave.step) await this.save(false);
    return false;
  }

  private batchesOf(epoch: number): EpochBatches {
    const { data, batches } = this.parts;
    const made = data.train(epoch);
    if (made.length === batches) return made;
    throw new TrainerError('fit', `every epoch must have ${batches} batches, as the first one has`, made.length);
  }

  private async step(batch: ReturnType<typeof toDevice>): Promise<void> {
    const { settings, progress } = this.parts;
    const learningRate = learningRateAt(settings.schedule, progress.step, this.totalSteps);
    this.runner ??= await this.makeRunner();
    const { runner } = this;
    const result = await this.unlessDiverged(() =>
      withRandom(`${settings.seed}/${progress.step}`, () => runner.run(batch, learningRate, progress.step)),
    );
    progress.step++;
    progress.batch++;
    // The step before this one is read only now, so that a device has always something to do.
    await this.losses.add({ ...result, batch, learningRate });
    await this.unlessDiverged(() => runner.afterStep());
  }

  /** What cannot go on because a loss that is not read yet is no number ends as that does, and not in an error of its own. */
  private async unlessDiverged<T>(work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      await this.losses.settle();
      throw error;
    }
  }

  /** Waits for all that the steps did: nothing is saved, and no epoch ends, before what went wrong is heard of. */
  private async settle(): Promise<void> {
    await this.losses.settle();
    await this.runner?.settle();
  }

  private makeRunner(): Promise<StepRunner> {
    const { network, optimizer, settings, progress, options } = this.parts;
    return stepRunner({
      network,
      optimizer,
      labelSmoothing: settings.labelSmoothing,
      progress,
      onEvent: options.onEvent,
      capture: options.capture ?? true,
    });
  }

  /** False where the signal ends it: what it does is done when the training goes on, as if it had not begun. */
  private async finishEpoch(): Promise<boolean> {
    const { network, data, progress, settings, options } = this.parts;
    const { loss, correct, images, seconds } = progress.sums;
    const validation = data.validation && (await this.validate(data.validation));
    if (validation === 'aborted') return false;
    const event: EpochEvent = {
      type: 'epoch',
      epoch: progress.epoch,
      epochs: settings.epochs,
      step: progress.step,
      loss: loss / images,
      accuracy: correct / images,
      ...(validation && { validationLoss: validation.loss, validationAccuracy: validation.accuracy }),
      learningRate: learningRateAt(settings.schedule, progress.step - 1, this.totalSteps),
      strides: await readStrides(network.model, this.example),
      ...(options.multiplyAdds && { multiplyAdds: options.multiplyAdds(network.model) }),
      imagesPerSecond: images / seconds,
      seconds,
      secondsLeft: this.losses.secondsLeft(progress.step),
      best: false,
    };
    event.best = improves(settings, progress, event);
    if (event.best) progress.best = { epoch: progress.epoch, value: event[settings.monitor]! };
    progress.history.push(event);
    progress.epoch++;
    progress.batch = 0;
    progress.sums = emptySums();
    options.onEvent?.(event);
    await this.save(event.best);
    return true;
  }

  private async validate(data: EpochBatches): Promise<Evaluation | 'aborted'> {
    const { network, options } = this.parts;
    // Layers are told their strides for it as for a step, also where it is the first thing to do.
    this.runner ??= await this.makeRunner();
    try {
      return await evaluateNetwork('fit', network, data, { signal: options.signal });
    } catch (error) {
      if (options.signal?.aborted && error === options.signal.reason) return 'aborted';
      throw error;
    }
  }

  private saveIsDue(): boolean {
    const { steps, seconds = 60 } = this.parts.options.checkpointEvery ?? {};
    const { step } = this.parts.progress;
    if (!this.parts.options.checkpoints) return false;
    return (steps !== undefined && step % steps === 0) || performance.now() - this.lastSave.time >= seconds * 1000;
  }

  private async save(best: boolean): Promise<void> {
    const { options, progress, capture } = this.parts;
    if (!options.checkpoints) return;
    await this.settle();
    const where = await options.checkpoints.save(await capture(), best);
    this.lastSave = { step: progress.step, time: performance.now() };
    options.onEvent?.({ type: 'checkpoint', step: progress.step, where, best });
  }
}
