import '../index.ts';
import * as tf from '@tensorflow/tfjs-core';
import { it } from 'vitest';
import { expectParity, random } from '../testing/parity.ts';

it.each([
  [[3], [4]],
  [
    [1, 1, 1, 5],
    [2, 3, 4, 1],
  ],
  [
    [2, 3],
    [3, 2],
  ],
  [
    [2, 1, 3],
    [1, 5, 1],
  ],
  [
    [2, 3],
    [1, 1],
  ],
  [
    [2, 3],
    [0, 2],
  ],
])('tile %j by %j', async (shape, reps) => {
  await expectParity([random(shape)], (x) => tf.tile(x, reps));
  const count = tf.util.sizeFromShape(shape);
  const integers = { shape, values: Int32Array.from({ length: count }, (_, i) => i), dtype: 'int32' as const };
  await expectParity([integers], (x) => [tf.tile(x, reps), tf.tile(tf.greater(x, 1), reps)]);
});
