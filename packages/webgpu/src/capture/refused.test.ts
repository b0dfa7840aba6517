// Steps that cannot be recorded, and what becomes of them.
import { expectNamedError, openTestBackend } from '@stridelab/test-kit';
import { takeGpuErrors } from '@stridelab/test-kit/backends';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { CaptureError } from '../errors.ts';
import { vector } from '../testing/variables.ts';
import { captureStep } from './capture-step.ts';

beforeAll(() => openTestBackend('webgpu'));
afterEach(async () => {
  expect(await takeGpuErrors()).toEqual([]);
});

describe('a step that cannot be recorded', () => {
  const x = () => tf.ones([4]);
  const calls =
    (captured: (x: tf.Tensor) => unknown, count = 5) =>
    () => {
      for (let i = 0; i < count; i++) captured(x());
    };
  let count = 0;
  const other = vector(0, 0, 0, 0);
  const kept: tf.Tensor[] = [];
  const cases: [string, (x: tf.Tensor) => tf.Tensor, string | RegExp][] = [
    [
      'reads',
      (x) => {
        const y = tf.add(x, 1);
        void y.data();
        return y;
      },
      'the step must not read tensors: return them, and read what it returns, got {shape: [4]}',
    ],
    [
      'random numbers',
      (x) => tf.add(x, tf.randomNormal([4])),
      "what the host computes must be the same in every call, or pass it as an input, got 'other values in a float32 tensor of shape [4]'",
    ],
    [
      'random numbers that are equal by chance',
      (x) => (Math.random() < 2 ? tf.add(x, 1) : x),
      "random numbers must not be drawn within the step, but be inputs, got 'Math.random'",
    ],
    [
      'a number in a tensor',
      (x) => tf.mul(x, 0.1 * count++),
      "what the host computes must be the same in every call, or pass it as an input, got 'other values in a float32 tensor of shape []'",
    ],
    [
      'a number in a program',
      (x) => tf.clipByValue(x, 0, count++),
      /^numbers must be the same in every call, or pass it as an input that is a tensor, got 'another in Clip/,
    ],
    [
      'other operations',
      (x) => (count++ % 2 ? tf.square(x) : tf.matMul(tf.reshape(x, [2, 2]), tf.reshape(x, [2, 2]))),
      /^the step must run the same operations in every call, or say by `key` what they depend on, got '.+ in the place of .+'$/,
    ],
    [
      'other tensors',
      (x) =>
        tf.add(
          x,
          tf.tidy(() => kept[count++ % 2]!),
        ),
      /^the tensors of the program that it reads must be the same in every call; if not, pass it as an input, got '/,
    ],
    [
      'another one of its tensors as the result',
      (x) => [tf.square(x), tf.add(x, 1)][count++ % 2]!,
      "the tensors of the program that it reads must be the same in every call; if not, pass it as an input, got 'result'",
    ],
    [
      'another place for its result',
      (x) => {
        const sum = tf.add(x, 1);
        return (count++ % 2 ? [sum] : { sum }) as never;
      },
      "the step must run the same operations in every call, or say by `key` what they depend on, got 'result in the place of result'",
    ],
    [
      'another value for a variable, which it computed in every call',
      (x) => {
        const values = [tf.square(x), tf.add(x, 1)];
        other.assign(values[count++ % 2] as never);
        return x;
      },
      /^the tensors of the program that it reads must be the same in every call; if not, pass it as an input, got 'new value of /,
    ],
    [
      'its input disposed of',
      (x) => {
        const y = tf.square(x);
        x.dispose();
        return y;
      },
      'inputs, of which the step gets copies, must be disposed of by its caller, got {shape: [4]}',
    ],
    [
      'what outlives it',
      (x) => {
        tf.keep(tf.add(x, 1));
        return x;
      },
      "tensors of the step must not outlive it, but for those that it returns and the values of variables, got 'one of shape [4]'",
    ],
  ];

  beforeAll(() => {
    kept.push(tf.add(tf.ones([4]), 0), tf.add(tf.ones([4]), 1));
  });

  it.each(cases)('is refused: %s', async (_, step, rule) => {
    const message =
      typeof rule === 'string'
        ? `webgpu.captureStep: ${rule}`
        : new RegExp(rule.source.replace('^', '^webgpu\\.captureStep: '));
    const before = tf.memory().numTensors;
    await expectNamedError(calls(captureStep(step)), CaptureError, message);
    expect(tf.memory().numTensors).toBeGreaterThanOrEqual(before);
    tf.tidy(() => other.assign(tf.zeros([4])));
    await expect(tf.add(other, 1)).toBeAllClose([1, 1, 1, 1]);
  });

  it.each(cases)('or is run as it is, where somebody hears of it: %s', async (_, step, __) => {
    const onRefused = vi.fn();
    const captured = captureStep(step, { onRefused });
    calls(captured)();
    expect(onRefused).toHaveBeenCalledTimes(1);
    expect(captured.statistics).toEqual({ replays: 0, recordings: 0, bytes: 0, dispatches: 0 });
  });

  it('is refused: a variable that it moves as its input', () => {
    const v = vector(1);
    const captured = captureStep((w: tf.Tensor) => {
      v.assign(tf.add(v, 1) as never);
      return tf.mul(w, 2);
    });
    expect(() => captured(v)).toThrow(/must not be variables that it moves/);
    captured(tf.ones([1]));
  });

  it('gives the right results until then', async () => {
    const v = vector(0);
    const onRefused = vi.fn();
    const captured = captureStep(
      (x: tf.Tensor) => {
        v.assign(tf.add(v, tf.scalar(++count)) as never);
        return tf.add(v, x);
      },
      { onRefused },
    );
    count = 0;
    for (const sum of [1, 3, 6, 10]) await expect(captured(tf.tensor1d([0.5]))).toBeAllClose([sum + 0.5]);
    expect(onRefused).toHaveBeenCalledTimes(1);
  });

  it('leaves everything as it was where the step throws', async () => {
    const v = vector(1);
    const captured = captureStep((x: tf.Tensor) => {
      v.assign(tf.add(v, x) as never);
      if (count) throw new RangeError('mine');
      return tf.add(v, 1);
    });
    count = 1;
    expect(() => captured(tf.ones([1]))).toThrow('mine');
    await expect(v).toBeAllClose([2]);
    count = 0;
    for (let i = 3; i < 7; i++) await expect(captured(tf.ones([1]))).toBeAllClose([i + 1]);
    await expect(v).toBeAllClose([6]);
  });

  it.each<[string, () => unknown, string]>([
    ['no function', () => captureStep(3 as never), 'step must be a function, got 3'],
    ['a bound', () => captureStep(x, { maxBytes: -1 }), 'maxBytes must be a number >= 0, got -1'],
    [
      'no tensor',
      () => captureStep((y) => y)(3 as never),
      'input 0 must be a tensor of numbers, neither empty nor complex, got 3',
    ],
    [
      'a result',
      () => captureStep(() => 3 as never)(),
      'the step must return tensors, or lists or objects of them, got 3',
    ],
    [
      'an empty result',
      () => captureStep(() => tf.zeros([0, 2]))(),
      "the step must return tensors of numbers, none of them empty or complex, got 'float32 of shape [0, 2]'",
    ],
    [
      'a tape',
      () => tf.grad((y: tf.Tensor) => captureStep((z: tf.Tensor) => tf.square(z))(y))(x()),
      "a recorded step must not be called where a gradient is taken of it, got 'a call under a tape'",
    ],
    [
      'another step',
      () => captureStep((y: tf.Tensor) => captureStep((z: tf.Tensor) => tf.square(z))(y))(x()),
      "a step must not be called within another one that is recorded, got 'such a call'",
    ],
    ['time', () => captureStep(x).time(), /^a step must have been recorded to be timed, got /.source],
  ])('refuses a wrong call: %s', async (_, call, rule) => {
    const message = rule.startsWith('^') ? /a step must have been recorded to be timed/ : `webgpu.captureStep: ${rule}`;
    await expectNamedError(async () => call(), CaptureError, message);
  });
});
