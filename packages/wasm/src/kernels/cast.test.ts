import '../index.ts';
import { openTestBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { expectParity } from '../testing/parity.ts';

const SIZES = [1, 3, 4, 16, 21, 40_003];
const numbers = (size: number) => Array.from({ length: size }, (_, i) => (i % 7) - 3);

describe('cast', () => {
  it.each(SIZES)('of %d values', async (size) => {
    const truths = (x: tf.Tensor) => tf.greater(x, 0);
    for (const to of ['float32', 'int32', 'bool'] as const) {
      const floats = { shape: [size], values: numbers(size).map((value) => value * 0.25) };
      await expectParity([floats], (x) => tf.cast(x!, to), 0);
      await expectParity([{ shape: [size], values: numbers(size), dtype: 'int32' }], (x) => tf.cast(x!, to), 0);
      await expectParity([floats], (x) => tf.cast(truths(x!), to), 0);
    }
  });

  it('of large integers and of what is no number', async () => {
    await openTestBackend('wasm');
    const large = tf.tensor1d([2 ** 31 - 1, -(2 ** 31), 2 ** 24 + 1, 0, -1], 'int32');
    expect([...tf.cast(large, 'float32').dataSync()]).toEqual([2 ** 31, -(2 ** 31), 2 ** 24, 0, -1]);
    const odd = tf.cast(tf.tensor1d([Number.NaN, Infinity, -Infinity, 0, -0, 0.5, 2 ** -149]), 'bool');
    expect([...odd.dataSync()]).toEqual([1, 1, 1, 0, 0, 1, 1]);
  });

  it('to its own type copies nothing, and frees the values with the last tensor', async () => {
    await openTestBackend('wasm');
    const before = tf.backend().numDataIds();
    const x = tf.tensor1d([1, 2]);
    const y = tf.cast(x, 'float32');
    expect(tf.backend().numDataIds()).toBe(before + 1);
    x.dispose();
    expect([...y.dataSync()]).toEqual([1, 2]);
    y.dispose();
    expect(tf.backend().numDataIds()).toBe(before);
    expect(tf.cast(tf.zeros([0], 'int32'), 'float32').shape).toEqual([0]);
  });
});
