import { expectNamedError, expectNoLeak, forEachBackend, randomTensor } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { Dropout, type DropoutArgs, dropout, TrainOpsError } from './index.ts';
import './register.ts';

const train = (layer: tfl.layers.Layer, x: tf.Tensor) => layer.apply(x, { training: true }) as tf.Tensor;

forEachBackend(() => {
  it('draws anew each time that it is trained, and only then', async () => {
    const layer = new Dropout({ rate: 0.4, seed: 11 });
    const x = randomTensor([4, 6], 1);
    for (let step = 0; step < 3; step++) {
      await expect(layer.apply(x) as tf.Tensor).toBeAllClose(x);
      await expect(train(layer, x)).toBeAllClose(dropout(x, [11, step], { rate: 0.4 }));
    }
    await expect(layer.getWeights()[0]!).toBeAllClose([11, 3]);
    expect(layer.trainableWeights).toEqual([]);
  });

  it('begins anew after its last step', async () => {
    const layer = new Dropout({ rate: 0.5 });
    layer.build([4]);
    layer.setWeights([tf.tensor1d([5, 2 ** 24 - 1])]);
    train(layer, tf.ones([4]));
    await expect(layer.getWeights()[0]!).toBeAllClose([5, 0]);
  });

  it('goes on from weights', async () => {
    const [first, second] = [new Dropout({ rate: 0.5 }), new Dropout({ rate: 0.5 })];
    const x = tf.ones([8, 8]);
    train(first, x);
    second.build([8, 8]);
    second.setWeights(first.getWeights());
    await expect(train(second, x)).toBeAllClose(train(first, x));
  });

  it('shares draws along axes of length 1', async () => {
    const layer = new Dropout({ rate: 0.5, seed: 3, noiseShape: [null, 1, null] });
    const x = randomTensor([4, 3, 5], 1);
    await expect(train(layer, x)).toBeAllClose(dropout(x, [3, 0], { rate: 0.5, noiseShape: [4, 1, 5] }));
  });

  it('trains in a model, with the gradient of what it dropped', async () => {
    const model = tfl.sequential({
      layers: [
        tfl.layers.inputLayer({ inputShape: [16] }),
        new Dropout({ rate: 0.5, seed: 4 }),
        tfl.layers.dense({ units: 1, useBias: false, kernelInitializer: 'zeros' }),
      ],
    });
    model.compile({ optimizer: tf.train.sgd(1), loss: (_: tf.Tensor, given: tf.Tensor) => tf.sum(given) });
    const x = tf.ones([1, 16]);
    await model.trainOnBatch(x, tf.zeros([1, 1]));
    await expect(model.getWeights(true)[0]!).toBeAllClose(tf.neg(dropout(x, [4, 0], { rate: 0.5 }).reshape([16, 1])));
    expectNoLeak(() => model.predict(x) as tf.Tensor);
    model.dispose();
  });

  it('leaks nothing', () => {
    const layer = new Dropout({ rate: 0.5, noiseShape: [null, 1] });
    const x = randomTensor([4, 6], 1);
    train(layer, x);
    expectNoLeak(() => train(layer, x));
    expectNoLeak(() => tf.grad((v: tf.Tensor) => train(layer, v))(x));
  });
});

it('is saved and loaded, with where its draws are', async () => {
  const args = { rate: 0.25, noiseShape: [null, 1, null], seed: 9, name: 'spatial' };
  const model = tfl.sequential({ layers: [tfl.layers.inputLayer({ inputShape: [5, 3] }), new Dropout(args)] });
  const x = tf.ones([2, 5, 3]);
  model.apply(x, { training: true });
  const artifacts = await new Promise<tf.io.ModelArtifacts>((resolve) => {
    model.save(
      tf.io.withSaveHandler(async (saved) => {
        resolve(saved);
        return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
      }),
    );
  });
  const loaded = await tfl.loadLayersModel(tf.io.fromMemory(artifacts));
  expect(loaded.layers.at(-1)).toBeInstanceOf(Dropout);
  expect(loaded.layers.at(-1)!.getConfig()).toMatchObject(args);
  const given = loaded.apply(x, { training: true }) as tf.Tensor;
  await expect(given).toBeAllClose(model.apply(x, { training: true }) as tf.Tensor);
});

it("leaves TF.js's own layer its name", () => {
  expect(tf.serialization.SerializationMap.getMap().classNameMap.Dropout![0]).not.toBe(Dropout);
  expect(new Dropout({ rate: 0.5 }).getConfig()).toMatchObject({ rate: 0.5, noiseShape: null, seed: null });
});

it('draws from a seed of its own where it is given none', () => {
  const seeds = Array.from({ length: 20 }, () => {
    const layer = new Dropout({ rate: 0.5 });
    layer.build([1]);
    return layer.getWeights()[0]!.dataSync()[0]!;
  });
  expect(new Set(seeds).size).toBeGreaterThan(18);
});

it('says that its noise has other axes as soon as it knows those of its input', async () => {
  const input = tfl.input({ shape: [5, 3] });
  const message = 'train-ops.Dropout: noiseShape must have an entry for each axis of [null, 5, 3], got [null, 1]';
  await expectNamedError(() => new Dropout({ rate: 0.5, noiseShape: [null, 1] }).apply(input), TrainOpsError, message);
});

it.each<[unknown, string]>([
  [undefined, 'options must be some of'],
  [0.5, 'options must be some of'],
  [{}, 'rate must be in [0, 1), got undefined'],
  [{ rate: 1 }, 'rate must be in [0, 1), got 1'],
  [{ rate: -0.1 }, 'rate must be in [0, 1), got -0.1'],
  [{ rate: 0.5, seed: -1 }, 'seed must be a whole number in [0, 16777216), got -1'],
  [{ rate: 0.5, noiseShape: [0] }, 'noiseShape must list lengths >= 1 and null, got [0]'],
  [{ rate: 0.5, noiseShape: 3 }, 'noiseShape must list lengths >= 1 and null, got 3'],
  [{ rate: 0.5, noise: 3 }, 'options must be some of'],
])('refuses %j', async (args, message) => {
  const start = new RegExp(`^train-ops\\.Dropout: ${message.replace(/[[\]()]/g, '\\$&')}`);
  await expectNamedError(() => new Dropout(args as DropoutArgs), TrainOpsError, start);
});
