import { forEachBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, expect, it, vi } from 'vitest';
import { startingProgress } from './checkpoint.ts';
import type { StepEvent } from './events.ts';
import { Losses } from './losses.ts';

afterEach(() => void vi.restoreAllMocks());

forEachBackend(() => {
  it('does not measure the time that is left by the first step, in which kernels are compiled', async () => {
    let clock = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => clock);
    const progress = startingProgress();
    const told: StepEvent[] = [];
    const onEvent = (event: unknown) => void told.push(event as StepEvent);
    const losses = new Losses({ progress, batches: 9, totalSteps: 104, classes: 2, options: { epochs: 1, onEvent } });
    for (const seconds of [60, 1, 1, 2]) {
      progress.step++;
      const batch = { size: 8, classes: Promise.resolve(new Array(8).fill(0)) };
      await losses.add({ loss: tf.scalar(1), logits: tf.zeros([8, 2]), batch, learningRate: 1 } as never);
      clock += 1000 * seconds;
      await losses.settle();
    }
    expect(told.map(({ secondsLeft }) => Math.round(secondsLeft))).toEqual([103 * 60, 102, 101, 110]);
    expect(told.map(({ imagesPerSecond }) => Math.round(imagesPerSecond))).toEqual([0, 8, 8, 7]);
    expect(progress.sums.seconds).toBeCloseTo(64);
  });
}, ['cpu']);
