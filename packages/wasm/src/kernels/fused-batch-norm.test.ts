import '../index.ts';
import * as tf from '@tensorflow/tfjs-core';
import { describe, it } from 'vitest';
import { expectParity, random, valueAndGradients } from '../testing/parity.ts';

describe('batchNorm', () => {
  it.each([[[3, 4, 5, 6]], [[2, 3, 3, 16]], [[7, 3]], [[2, 5, 1]]])('%j', async (shape) => {
    const channels = [shape.at(-1)!];
    const inputs = [random(shape), random(channels, 2), random(channels, 3), random(channels, 4), random(channels, 5)];
    const norm = (x: tf.Tensor, mean: tf.Tensor, variance: tf.Tensor, offset?: tf.Tensor, scale?: tf.Tensor) =>
      tf.batchNorm(x, mean as tf.Tensor1D, variance.abs() as tf.Tensor1D, offset as tf.Tensor1D, scale as tf.Tensor1D);
    await expectParity(inputs, valueAndGradients(norm));
    // TF.js's tape cannot keep a scale that is not there.
    await expectParity(inputs.slice(0, 3), (x, mean, variance) => norm(x!, mean!, variance!));
    await expectParity(inputs.slice(0, 4), (x, mean, variance, offset) => norm(x!, mean!, variance!, offset));
  });

  it('is differentiable twice', async () => {
    const inputs = [random([2, 3, 3, 4]), random([4], 2), random([4], 3), random([4], 4)];
    await expectParity(
      inputs,
      valueAndGradients((x, mean, scale, offset) =>
        tf.grad((v) =>
          tf
            .batchNorm(v, mean as tf.Tensor1D, tf.ones<tf.Rank.R1>([4]), offset as tf.Tensor1D, scale as tf.Tensor1D)
            .square(),
        )(x!),
      ),
    );
  });

  it('leaves statistics of the whole shape to TF.js', async () => {
    const inputs = [1, 2, 3].map((seed) => random([2, 3, 4, 5], seed));
    await expectParity(inputs, (x, mean, variance) =>
      tf.batchNorm(x!, mean as tf.Tensor4D, variance!.abs() as tf.Tensor4D),
    );
  });
});
