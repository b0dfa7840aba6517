// The tutorial of the paper: from pairs of quaternions and their products alone, the layer finds Hamilton's rule.
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import '@stridelab/test-kit';
import { algebra, phmDense } from './index.ts';
import { random } from './test-values.ts';

it('recovers the product of quaternions from data', async () => {
  await tf.setBackend('cpu');
  const rule = algebra('quaternion', 4);
  const weights = random<tf.Tensor2D>([64, 4], 1);
  const x = random<tf.Tensor2D>([64, 4], 2);
  const product = (a: tf.Tensor) =>
    // One row, one product: the weight of each row is a filter bank of 1 x 1.
    tf.stack(tf.unstack(weights).map((w, row) => phmDense(tf.slice(x, [row, 0], [1, 4]), a, tf.reshape(w, [4, 1, 1]))));
  const wanted = product(rule);
  const learned = tf.variable(algebra('glorotUniform', 4, { seed: 1 }));
  const optimizer = tf.train.adam(0.05);
  let loss = Number.POSITIVE_INFINITY;
  for (let step = 0; step < 300 && loss > 1e-5; step++) {
    const cost = optimizer.minimize(() => tf.mean(tf.squaredDifference(product(learned), wanted)) as tf.Scalar, true, [
      learned,
    ])!;
    loss = (await cost.data())[0]!;
    cost.dispose();
  }
  expect(loss).toBeLessThan(1e-3);
  await expect(learned).toBeAllClose(rule, { relative: 0.02 });
}, 60_000);
