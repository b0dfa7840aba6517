// Layers of every kind whose work our kernels do, trained by stock TF.js code: as cpu trains them.
import './index.ts';
import { openTestBackend, randomValues } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { layers as L, sequential } from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';

async function losses(backend: 'cpu' | 'webgpu'): Promise<number[]> {
  await openTestBackend(backend);
  const seeded = (seed: number) => ({ kernelInitializer: { className: 'HeNormal', config: { seed } } }) as object;
  const model = sequential({
    layers: [
      L.conv2d({ inputShape: [9, 8, 3], filters: 6, kernelSize: 3, padding: 'same', activation: 'relu', ...seeded(1) }),
      L.conv2d({ filters: 8, kernelSize: 3, strides: 2, padding: 'same', useBias: false, ...seeded(2) }),
      L.conv2dTranspose({ filters: 5, kernelSize: 2, strides: 2, ...seeded(3) }),
      L.conv2d({ filters: 4, kernelSize: 1, ...seeded(4) }),
      L.reshape({ targetShape: [40, 8] }),
      L.conv1d({ filters: 7, kernelSize: 3, strides: 2, padding: 'same', ...seeded(5) }),
      L.flatten(),
      L.dense({ units: 5, activation: 'sigmoid', ...seeded(6) }),
      L.dense({ units: 3, ...seeded(7) }),
    ],
  });
  model.compile({ optimizer: tf.train.sgd(0.05), loss: tf.losses.softmaxCrossEntropy as never });
  const x = tf.tensor(randomValues(6 * 9 * 8 * 3, 1), [6, 9, 8, 3]);
  const y = tf.oneHot(tf.tensor1d([0, 1, 2, 0, 1, 2], 'int32'), 3).toFloat();
  const run = [(await model.trainOnBatch(x, y)) as number];
  const { numTensors } = tf.memory();
  for (let step = 0; step < 4; step++) run.push((await model.trainOnBatch(x, y)) as number);
  expect(tf.memory().numTensors).toBe(numTensors);
  tf.dispose([x, y]);
  model.dispose();
  return run;
}

it('trains a small network as cpu does', async () => {
  const expected = await losses('cpu');
  expect(expected.at(-1)).toBeLessThan(expected[0]!);
  await expect(await losses('webgpu')).toBeAllClose(expected, { relative: 1e-4 });
});
