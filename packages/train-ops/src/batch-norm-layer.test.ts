import { expectNamedError, expectNoLeak, forEachBackend, randomTensor } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { BatchNorm, type BatchNormArgs, TrainOpsError } from './index.ts';
import './register.ts';

/** Weights that differ from each other and from where they start. */
function drawWeights(layer: tfl.layers.Layer): tf.Tensor[] {
  return layer.getWeights().map((weight, i) => tf.abs(randomTensor(weight.shape, i + 5)));
}

/** Ours and TF.js's own, of the same weights. */
function pair(args: BatchNormArgs, shape: number[]) {
  const layers = [new BatchNorm(args), tfl.layers.batchNormalization(args)] as const;
  for (const layer of layers) layer.build(shape);
  const weights = drawWeights(layers[0]);
  for (const layer of layers) layer.setWeights(weights);
  return layers;
}

const apply = (layer: tfl.layers.Layer, x: tf.Tensor, training: boolean) => layer.apply(x, { training }) as tf.Tensor;

forEachBackend(() => {
  describe('BatchNorm', () => {
    it.each<[BatchNormArgs, number[]]>([
      [{}, [4, 5, 3, 2]],
      [{ momentum: 0.5, epsilon: 0.1 }, [6, 3]],
      [{ axis: 3 }, [2, 3, 3, 4]],
      [{ axis: -1 }, [4, 2, 3]],
    ])('does as TF.js does, %j, shape %j', async (args, shape) => {
      const [ours, stock] = pair(args, shape);
      const x = randomTensor(shape, 1);
      await expect(apply(ours, x, false)).toBeAllClose(apply(stock, x, false));
      for (let step = 0; step < 2; step++) {
        await expect(apply(ours, x, true)).toBeAllClose(apply(stock, x, true), { absolute: 2e-6 });
      }
      for (const [i, weight] of ours.getWeights().entries()) await expect(weight).toBeAllClose(stock.getWeights()[i]!);
    });

    it.each([
      [1, [4, 2, 3]],
      [1, [4, 2, 3, 5]],
      [2, [3, 2, 4, 2]],
    ])('normalizes axis %d of %j', async (axis, shape) => {
      // Not held against TF.js's own layer, which cpu and wasm get wrong here: they repeat a mean of shape (1, 2, 1) over the
      // last axis. It is the last axis that they agree about.
      const ours = new BatchNorm({ axis });
      const last = new BatchNorm();
      const swap = shape.map((_, i) => (i === axis ? shape.length - 1 : i === shape.length - 1 ? axis : i));
      const x = randomTensor(shape, 1);
      const swapped = tf.transpose(x, swap);
      ours.build(shape);
      last.build(swapped.shape);
      const weights = drawWeights(ours);
      for (const layer of [ours, last]) layer.setWeights(weights);
      for (const training of [false, true, false]) {
        const expected = tf.transpose(apply(last, swapped, training), swap);
        await expect(apply(ours, x, training)).toBeAllClose(expected);
      }
    });

    it.each([true, false])('rectifies, training %j', async (training) => {
      const [ours, stock] = pair({}, [4, 3]);
      const rectified = new BatchNorm({ activation: 'relu' });
      rectified.build([4, 3]);
      rectified.setWeights(ours.getWeights());
      const x = randomTensor([4, 3], 1);
      await expect(apply(rectified, x, training)).toBeAllClose(tf.relu(apply(stock, x, training)));
    });

    it('works without gamma or beta, in training too', async () => {
      const x = randomTensor([5, 2], 1);
      const { mean, variance } = tf.moments(x, 0);
      const plain = tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-3)));
      const layer = new BatchNorm({ center: false, scale: false });
      await expect(apply(layer, x, true)).toBeAllClose(plain);
      expect(layer.getWeights()).toHaveLength(2);
    });

    it('frozen, keeps its statistics', async () => {
      const [ours, stock] = pair({ trainable: false }, [4, 3]);
      const x = randomTensor([4, 3], 1);
      const numbers = () => Promise.all(ours.getWeights().map((weight) => weight.array()));
      const before = await numbers();
      await expect(apply(ours, x, true)).toBeAllClose(apply(stock, x, false));
      expect(await numbers()).toEqual(before);
    });

    it('keeps its statistics in a model that is frozen as a whole', async () => {
      const layer = new BatchNorm({ inputShape: [3] });
      const model = tfl.sequential({ layers: [layer] });
      model.trainable = false;
      const x = randomTensor([4, 3], 1);
      await expect(apply(model, x, true)).toBeAllClose(apply(model, x, false));
      await expect(layer.getWeights()[2]!).toBeAllClose([0, 0, 0]);
      model.trainable = true;
      apply(model, x, true);
      await expect(layer.getWeights()[2]!).not.toBeAllClose([0, 0, 0]);
    });

    it('leaks nothing', () => {
      const [ours] = pair({ activation: 'relu' }, [4, 3]);
      const x = randomTensor([4, 3], 1);
      expectNoLeak(() => apply(ours, x, true));
      expectNoLeak(() => apply(ours, x, false));
      expectNoLeak(() => tf.grad((v: tf.Tensor) => apply(ours, v, true))(x));
    });
  });
});

it('has the names and the order of weights, and the configuration, that TF.js has', () => {
  const [ours, stock] = pair(
    { name: 'norm', momentum: 0.7, gammaInitializer: 'zeros', betaRegularizer: 'l1l2' },
    [4, 3],
  );
  const names = (layer: tfl.layers.Layer) => layer.weights.map(({ originalName }) => originalName);
  expect(names(ours)).toEqual(names(stock));
  expect(ours.trainableWeights).toHaveLength(2);
  const { activation, ...config } = ours.getConfig();
  expect(activation).toBeNull();
  expect(config).toEqual(stock.getConfig());
});

it('saves and loads, with its weights', async () => {
  const model = tfl.sequential({
    layers: [new BatchNorm({ inputShape: [3], activation: 'relu', momentum: 0.8 }), tfl.layers.dense({ units: 2 })],
  });
  model.layers[0]!.setWeights(drawWeights(model.layers[0]!));
  let saved: tf.io.ModelArtifacts | undefined;
  const keep = async (artifacts: tf.io.ModelArtifacts) => {
    saved = artifacts;
    return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' as const } };
  };
  await model.save(tf.io.withSaveHandler(keep));
  const modelTopology = JSON.parse(JSON.stringify(saved!.modelTopology));
  const loaded = await tfl.loadLayersModel(tf.io.fromMemory({ ...saved!, modelTopology }));
  expect(loaded.layers[0]!.getConfig()).toEqual(model.layers[0]!.getConfig());
  const x = randomTensor([4, 3], 1);
  await expect(loaded.predict(x) as tf.Tensor).toBeAllClose(model.predict(x) as tf.Tensor);
});

it('refuses another activation by a named error', async () => {
  await expectNamedError(
    () => new BatchNorm({ activation: 'elu' as never }),
    TrainOpsError,
    "train-ops.BatchNorm: activation must be 'relu' or null, got 'elu'",
  );
});

it.each([
  ['relu', "'relu'"],
  [{ relu: true }, '{relu: true}'],
])('names options that are none: %j', async (options, got) => {
  const error: Error = await Promise.resolve()
    .then(() => new BatchNorm(options as never))
    .catch((thrown) => thrown);
  expect(error).toBeInstanceOf(TrainOpsError);
  expect(error.message).toMatch(
    /^train-ops\.BatchNorm: options must be some of \{activation, axis, .*, customObjects\}, got /,
  );
  expect(error.message.endsWith(`got ${got}`)).toBe(true);
});
