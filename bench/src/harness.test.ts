import { openTestBackend } from '@stridelab/test-kit/backends';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { forwardAndBackward, markdownTable, race, ratio, summarize } from './harness.ts';

it('takes medians', () => {
  expect(summarize([3, 1, 2])).toMatchObject({ median: 2, min: 1, max: 3 });
  expect(summarize([4, 1, 2, 3])).toMatchObject({ median: 2.5, min: 1, max: 4 });
});

it('compares round by round, and the fastest', () => {
  // The machine was slow in the second round, and a rival was slowed down alone in the third.
  const [mine, base] = [summarize([2, 9, 8]), summarize([10, 45, 10])];
  expect(ratio(mine, base)).toEqual({ median: 0.2, fastest: 0.2 });
});

it('times rivals in turn and keeps no tensor', async () => {
  await openTestBackend('cpu');
  const x = tf.ones([64, 64]);
  const order: string[] = [];
  const before = tf.memory().numTensors;
  const timings = await race(
    {
      square: () => {
        order.push('square');
        return tf.square(x);
      },
      gradient: forwardAndBackward((v) => tf.square(v!), [x], x),
    },
    { rounds: 3 },
  );
  expect(timings.square.median).toBeGreaterThan(0);
  expect(timings.gradient.median).toBeGreaterThan(0);
  expect(order.length).toBeGreaterThanOrEqual(5);
  expect(tf.memory().numTensors).toBe(before);
});

it('prints Markdown', () => {
  expect(markdownTable(['a', 'b'], [['1', '2']])).toBe('| a | b |\n| --- | --- |\n| 1 | 2 |');
});
