// A network in training on cpu, and on webgpu with every kernel and gradient of this package.
import '../index.ts';
import { resnet } from '@stridelab/resnet';
import { openTestBackend, randomValues } from '@stridelab/test-kit';
import { takeGpuErrors } from '@stridelab/test-kit/backends';
import { FusedSgd, softmaxCrossEntropy } from '@stridelab/train-ops';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';

const STEPS = 3;

/** Losses, and the weights and moving statistics in the end. */
async function train(backend: 'cpu' | 'webgpu') {
  await openTestBackend(backend);
  const model = resnet({ depth: 8, widths: [4, 4, 8, 8], inputShape: [8, 8, 3], classes: 3, seed: 1 } as never);
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const optimizer = new FusedSgd({ learningRate: 0.1, weightDecay: 1e-3, nesterov: true });
  const losses = [];
  for (let step = 0; step < STEPS; step++) {
    const images = tf.tensor(randomValues(4 * 8 * 8 * 3, step), [4, 8, 8, 3]);
    const { value, grads } = tf.variableGrads(() => {
      const logits = model.apply(images, { training: true }) as tf.Tensor2D;
      return softmaxCrossEntropy([0, 1, 2, 1], logits, { labelSmoothing: 0.1 }) as tf.Scalar;
    }, variables);
    optimizer.applyGradients(grads);
    losses.push((await value.data())[0]!);
    tf.dispose([images, value, grads]);
  }
  const weights = await Promise.all(model.getWeights().map(async (weight) => Float32Array.from(await weight.data())));
  optimizer.dispose();
  model.dispose();
  return { losses, weights };
}

it('trains a ResNet as cpu does', async () => {
  const expected = await train('cpu');
  const actual = await train('webgpu');
  expect(await takeGpuErrors()).toEqual([]);
  await expect(actual.losses).toBeAllClose(expected.losses, { relative: 1e-4 });
  for (const [i, weight] of actual.weights.entries()) {
    await expect(weight).toBeAllClose(expected.weights[i]!, { relative: 1e-3, absolute: 1e-5 });
  }
});
