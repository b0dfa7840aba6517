import { forEachBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { constant, disposeCache } from './constants.ts';
import { rfft } from './rfft.ts';

forEachBackend(() => {
  it('builds once, whatever tf.tidy surrounds it', () => {
    let built = 0;
    const build = () => {
      built++;
      return tf.zeros([2]).add(1);
    };
    const first = tf.tidy(() => constant('once', build));
    expect(constant('once', build)).toBe(first);
    expect(built).toBe(1);
    expect(first.isDisposed).toBe(false);
  });

  it('releases everything, and builds anew when asked again', async () => {
    disposeCache();
    const before = tf.memory().numTensors;
    const x = tf.tensor1d([1, 2, 3, 4]);
    const expected = await rfft(x).real.array();
    expect(tf.memory().numTensors).toBeGreaterThan(before + 3);
    disposeCache();
    expect(tf.memory().numTensors).toBe(before + 3); // x and the two parts of its spectrum
    await expect(rfft(x).real).toBeAllClose(expected as number[]);
  });

  it('rebuilds a constant that somebody disposed of', () => {
    constant('gone', () => tf.ones([1])).dispose();
    expect(constant('gone', () => tf.ones([1])).isDisposed).toBe(false);
  });

  it('holds a bounded number of values, the latest used', () => {
    disposeCache();
    const [before, sixteenth] = [tf.memory().numTensors, 2 ** 20];
    const first = constant('first', () => tf.zeros([sixteenth]));
    const second = constant('second', () => tf.zeros([sixteenth]));
    for (let i = 0; i < 20; i++) {
      constant(`more ${i}`, () => tf.zeros([sixteenth]));
      constant('first', () => tf.zeros([sixteenth]));
    }
    expect(tf.memory().numTensors - before).toBe(16);
    expect(first.isDisposed).toBe(false);
    expect(second.isDisposed).toBe(true);
    disposeCache();
  });
});

it('keeps the backends apart', async () => {
  await tf.setBackend('cpu');
  const onCpu = constant('apart', () => tf.ones([1]));
  await tf.setBackend('wasm');
  expect(constant('apart', () => tf.ones([1]))).not.toBe(onCpu);
  await tf.setBackend('cpu');
  expect(constant('apart', () => tf.ones([1]))).toBe(onCpu);
});
