// All kernels of a training step together, some steps long: convolution, batch normalization, cross-entropy, update.
import '../index.ts';
import { BatchNorm, FusedAdam, FusedSgd, softmaxCrossEntropy } from '@stridelab/train-ops';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { it } from 'vitest';
import { expectParity, random } from '../testing/parity.ts';

const images = random([8, 6, 6, 3]);
const filter = random([3, 3, 3, 5], 2);
const dense = random([5, 4], 3);

it.each([
  ['FusedSgd', () => new FusedSgd({ learningRate: 0.05, weightDecay: 0.01 })],
  ['FusedAdam', () => new FusedAdam({ learningRate: 0.01, weightDecay: 0.01, decay: 'decoupled' })],
])('%s trains a network as on cpu', async (_, make) => {
  await expectParity([images, filter, dense], (x, ...starts) => {
    const [kernel, weights] = starts.map((start) => tf.variable(start)) as [tf.Variable, tf.Variable];
    const norm = new BatchNorm({ activation: 'relu', momentum: 0.5 });
    norm.build([8, 6, 6, 5]);
    const optimizer = make();
    const logits = (training: boolean) => {
      const maps = tf.conv2d(x as tf.Tensor4D, kernel as tf.Variable<tf.Rank.R4>, 1, 'same');
      const features = tf.mean(norm.apply(maps, { training }) as tf.Tensor, [1, 2]);
      return tf.matMul(features as tf.Tensor2D, weights as tf.Variable<tf.Rank.R2>) as tf.Tensor2D;
    };
    const losses: tf.Tensor[] = [];
    for (let step = 0; step < 6; step++) {
      const loss = () => softmaxCrossEntropy([0, 1, 2, 3, 0, 1, 2, 3], logits(true), { labelSmoothing: 0.1 });
      losses.push(optimizer.minimize(loss as () => tf.Scalar, true)!);
    }
    const results = [...losses, logits(false)];
    tf.dispose(norm.getWeights());
    optimizer.dispose();
    for (const variable of [kernel, weights]) variable.dispose();
    return results;
  });
});

it('is a model of tfjs-layers too', async () => {
  await expectParity([images], (x) => {
    const model = tfl.sequential({
      layers: [
        tfl.layers.conv2d({
          inputShape: [6, 6, 3],
          filters: 4,
          kernelSize: 3,
          useBias: false,
          kernelInitializer: tfl.initializers.heNormal({ seed: 1 }),
        }),
        new BatchNorm({ activation: 'relu' }),
        tfl.layers.flatten(),
      ],
    });
    const optimizer = new FusedSgd({ learningRate: 0.05 });
    const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
    const loss = () => tf.mean(tf.square(model.apply(x!, { training: true }) as tf.Tensor)) as tf.Scalar;
    for (let step = 0; step < 4; step++) optimizer.minimize(loss, false, variables);
    const results = [model.predict(x!) as tf.Tensor];
    optimizer.dispose();
    model.dispose();
    return results;
  });
});
