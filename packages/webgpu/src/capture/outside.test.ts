// What a program does to its tensors and variables between the calls of a step that was recorded.
import { openTestBackend } from '@stridelab/test-kit';
import { takeGpuErrors } from '@stridelab/test-kit/backends';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CaptureError } from '../errors.ts';
import { captureStep } from './capture-step.ts';

beforeAll(() => openTestBackend('webgpu'));
afterEach(async () => {
  expect(await takeGpuErrors()).toEqual([]);
});

const CALLS = 6;
const vector = (...values: number[]) => tf.tidy(() => tf.variable(tf.tensor1d(values)));
const assign = (variable: tf.Variable, ...values: number[]) => tf.tidy(() => variable.assign(tf.tensor1d(values)));

/** What a step gives of [2] in each call, with something done before the call of that number. */
async function play(step: (x: tf.Tensor) => tf.Tensor, before: (call: number) => void) {
  const captured = captureStep(step);
  const given: number[] = [];
  for (let i = 0; i < CALLS; i++) {
    before(i);
    const result = tf.tidy(() => captured(tf.tensor1d([2])));
    given.push((await result.data())[0]!);
    result.dispose();
  }
  const { replays } = captured.statistics;
  captured.dispose();
  return { given, replays };
}

describe('a variable that only the host has', () => {
  it.each<[string, (rate: tf.Variable) => tf.Tensor, number, number]>([
    ['neg', (rate) => tf.neg(rate), -2, -20],
    ['mul', (rate) => tf.mul(rate, 2), 4, 40],
    ['sub', (rate) => tf.sub(1, rate), 0, -18],
    ['concat', (rate) => tf.slice(tf.concat([rate, rate]), 1, 1), 2, 20],
  ])('is read anew by every replay: %s', async (_, of, first, last) => {
    const rate = vector(1);
    const { given, replays } = await play(
      (x) => tf.mul(x, of(rate)),
      (i) => i === 4 && assign(rate, 10),
    );
    expect(given).toEqual([first, first, first, first, last, last]);
    expect(replays).toBe(4);
    rate.dispose();
  });

  it('makes a new recording of a step that looks at its values, where they change', async () => {
    const rate = vector(1);
    const { given, replays } = await play(
      (x) => tf.mul(x, rate.dataSync()[0]!),
      (i) => i === 3 && assign(rate, 10),
    );
    expect(given).toEqual([2, 2, 2, 20, 20, 20]);
    expect(replays).toBe(2);
    rate.dispose();
  });

  it('is no variable to look at in a step that moves it, nor is any other tensor', async () => {
    const rate = vector(1);
    const moving = (x: tf.Tensor) => {
      const factor = rate.dataSync()[0]!;
      rate.assign(tf.add(rate, 1) as never);
      return tf.mul(x, factor);
    };
    await expect(play(moving, () => {})).rejects.toThrow(CaptureError);
    const other = tf.tensor1d([3]);
    await expect(
      play(
        (x) => tf.mul(x, other.dataSync()[0]!),
        () => {},
      ),
    ).rejects.toThrow(/must not read tensors/);
    tf.dispose([rate, other]);
  });
});
