import { expectNamedError, forEachBackend, randomTensor } from '@stridelab/test-kit';
import { BatchNorm } from '@stridelab/train-ops';
import type * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { foldBatchNorm, ResnetError, type ResnetOptions, resnet } from './index.ts';
import { drawWeights, StandInPool } from './testing.ts';

const TINY = { classes: 3, inputShape: [8, 8, 3], depth: 8, widths: [4, 4, 6, 8] } satisfies ResnetOptions;
const normsOf = (model: tfl.LayersModel) =>
  model.layers.filter((layer) => /^BatchNorm/.test(layer.getClassName())).map(({ name }) => name);

forEachBackend(() => {
  it.each<[Partial<ResnetOptions>, number]>([
    [{ variant: 'postact' }, 0],
    [{ variant: 'postact', shortcut: 'projection', depth: 50, widths: [4, 2, 2, 4, 4], strides: [1, 1, 2, 1, 1] }, 0],
    // Those after a sum stay, and the last one; those between two convolutions go.
    [{ variant: 'preact', shortcut: 'projection' }, 4],
    [{ variant: 'postact', downsample: ({ name }) => new StandInPool({ name }) }, 3],
  ])('gives the same outputs, %j', async (options, left) => {
    const model = resnet({ ...TINY, ...options });
    drawWeights(model);
    const x = randomTensor([3, 8, 8, 3], 1);
    const before = (await model.predict(x)) as tf.Tensor;
    const folded = foldBatchNorm(model);
    expect(normsOf(folded)).toHaveLength(left);
    expect(normsOf(model).length).toBeGreaterThan(left);
    await expect(folded.predict(x) as tf.Tensor).toBeAllClose(before, { relative: 1e-4 });
    // The weights are copies.
    model.dispose();
    await expect(folded.predict(x) as tf.Tensor).toBeAllClose(before, { relative: 1e-4 });
    folded.dispose();
  });
});

describe('foldBatchNorm', () => {
  const { conv2d, batchNormalization, dense, flatten, add } = tfl.layers;

  it('folds stock layers, biases and missing gammas', async () => {
    const input = tfl.input({ shape: [5, 5, 2] });
    let x = conv2d({ filters: 3, kernelSize: 3, useBias: true }).apply(input) as tfl.SymbolicTensor;
    x = batchNormalization({ scale: false }).apply(x) as tfl.SymbolicTensor;
    x = dense({ units: 4 }).apply(flatten().apply(x)) as tfl.SymbolicTensor;
    x = new BatchNorm({ center: false, activation: 'relu' }).apply(x) as tfl.SymbolicTensor;
    const model = tfl.model({ inputs: input, outputs: x });
    drawWeights(model);
    const folded = foldBatchNorm(model);
    expect(folded.layers.map((layer) => layer.getClassName())).toEqual(['InputLayer', 'Conv2D', 'Flatten', 'Dense']);
    const images = randomTensor([2, 5, 5, 2], 1);
    await expect(folded.predict(images) as tf.Tensor).toBeAllClose(model.predict(images) as tf.Tensor);
  });

  it.each([true, false])('takes models within the model as they are, trainable %j', async (trainable) => {
    const image = tfl.input({ shape: [5, 5, 2] });
    const convolved = conv2d({ filters: 2, kernelSize: 1, name: 'same' }).apply(image);
    const inner = tfl.model({ inputs: image, outputs: new BatchNorm().apply(convolved) as tfl.SymbolicTensor });
    const input = tfl.input({ shape: [5, 5, 2] });
    const first = conv2d({ filters: 2, kernelSize: 1, name: 'same' }).apply(input);
    const map = inner.apply(new BatchNorm({ activation: 'relu' }).apply(first)) as tfl.SymbolicTensor;
    const model = tfl.model({ inputs: input, outputs: map });
    drawWeights(model);
    inner.trainable = trainable;
    const images = randomTensor([2, 5, 5, 2], 1);
    const folded = foldBatchNorm(model);
    expect(folded.layers).toHaveLength(3);
    await expect(folded.predict(images) as tf.Tensor).toBeAllClose(model.predict(images) as tf.Tensor);
  });

  it('leaves what others see, what bends first, and what is normalized along another axis', () => {
    const input = tfl.input({ shape: [5, 5, 2] });
    const seen = conv2d({ filters: 2, kernelSize: 1 }).apply(input) as tfl.SymbolicTensor;
    const first = new BatchNorm({ name: 'first' }).apply(seen) as tfl.SymbolicTensor;
    const bent = conv2d({ filters: 2, kernelSize: 1, activation: 'relu' }).apply(add().apply([seen, first]));
    const second = new BatchNorm({ name: 'second' }).apply(bent) as tfl.SymbolicTensor;
    const plain = conv2d({ filters: 2, kernelSize: 1 }).apply(second);
    const third = new BatchNorm({ name: 'third', axis: 1 }).apply(plain) as tfl.SymbolicTensor;
    const folded = foldBatchNorm(tfl.model({ inputs: input, outputs: third }));
    expect(normsOf(folded)).toEqual(['first', 'second', 'third']);
  });

  it('refuses a sequential model by a named error', async () => {
    const model = tfl.sequential({ layers: [dense({ units: 1, inputShape: [2] })] });
    const message = "resnet.foldBatchNorm: model must be functional, as tf.model makes it, got 'Sequential'";
    await expectNamedError(() => foldBatchNorm(model), ResnetError, message);
  });
});
