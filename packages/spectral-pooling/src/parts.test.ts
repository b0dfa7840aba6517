import { expectNoLeak, forEachBackend, peakBytes, randomTensor } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { bounds, joined, part, split } from './parts.ts';

it('parts are about as long as one another, and none is empty', () => {
  expect(bounds(10, 4)).toEqual([0, 2, 5, 7, 10]);
  expect(bounds(3, 12)).toEqual([0, 1, 2, 3]);
  expect(bounds(5, 1)).toEqual([0, 5]);
});

forEachBackend(() => {
  it('takes apart and puts together again, along either axis', async () => {
    const x = randomTensor([23, 3, 5], 1);
    await expect(part(x, 7, 4)).toBeAllClose(x.slice(7, 4), { relative: 0 });
    const whole = part(x, 0, 23); // a tensor of its own
    whole.dispose();
    expect(x.isDisposed).toBe(false);
    for (const count of [1, 2, 9, 23]) {
      const again = joined(split(tf.clone(x), count));
      await expect(again).toBeAllClose(x, { relative: 0 });
      const side = joined([tf.clone(x), tf.neg(x)], 1);
      await expect(side).toBeAllClose(tf.concat([x, tf.neg(x)], 1), { relative: 0 });
      tf.dispose([again, side]);
    }
  });

  it('disposes of what it takes apart and of what it joins', async () => {
    const x = randomTensor([23, 3], 1);
    await expectNoLeak(() => joined(split(tf.clone(x), 9)));
    await expectNoLeak(() => joined(split(tf.clone(x), 1)));
  });

  it('takes their room twice at most, however many there are', () => {
    const room = peakBytes(() => joined(split(tf.ones([40, 100, 100]), 40)).dispose());
    expect(room / (4 * 40 * 100 * 100)).toBeCloseTo(2, 3);
  });
});
