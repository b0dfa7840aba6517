import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { forEachBackend } from './index.ts';

forEachBackend(() => {
  it('accepts what is within the bound', async () => {
    await expect(tf.tensor([1, 2, 3])).toBeAllClose([1, 2, 3.00001], { relative: 1e-5 });
    await expect(tf.tensor([1, 2])).not.toBeAllClose([1, 2.1]);
  });

  it('names the worst element, its index and both values', async () => {
    const got = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    await expect(expect(got).toBeAllClose(tf.tensor2d([1, 2, 5, 4.5], [2, 2]))).rejects.toThrow(
      /worst element at \[1, 0\]: got 3, expected 5, off by 2/,
    );
  });
});

it('never lets NaN, a missing element or another shape pass', async () => {
  await expect(expect([Number.NaN]).toBeAllClose([1], { absolute: 1e9 })).rejects.toThrow(/off by Infinity/);
  await expect(expect([1]).toBeAllClose([Number.NaN], { absolute: 1e9 })).rejects.toThrow(/off by Infinity/);
  await expect(expect([1, 2]).toBeAllClose([1])).rejects.toThrow('sizes differ: got 2 elements, expected 1');
  await expect(expect(tf.zeros([2, 1])).toBeAllClose(tf.zeros([1, 2]))).rejects.toThrow(/shapes differ/);
  await expect([Number.NaN, 1]).toBeAllClose([Number.NaN, 1]);
});
