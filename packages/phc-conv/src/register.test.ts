import { forEachBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { PHCConv1D, PHCConv2D, PHCConv2DTranspose, PHCConv3D, PHMDense } from './index.ts';
import './register.ts';
import { random } from './test-values.ts';

/** One layer of each kind in a row. */
function everyLayer(): tfl.LayersModel {
  const { reshape } = tfl.layers;
  const model = tfl.sequential();
  model.add(
    new PHCConv2D({
      n: 4,
      filters: 8,
      kernelSize: 3,
      algebraInitializer: 'quaternion',
      trainableAlgebra: false,
      inputShape: [6, 6, 4],
    }),
  );
  model.add(
    new PHCConv2DTranspose({ n: 2, filters: 6, kernelSize: 3, strides: 2, activation: 'relu', algebraSeed: 3 }),
  );
  model.add(reshape({ targetShape: [81, 6] }));
  model.add(
    new PHCConv1D({
      n: 3,
      filters: 6,
      kernelSize: 3,
      algebraInitializer: 'cliffordRandom',
      kernelInitializer: 'heNormal',
    }),
  );
  model.add(reshape({ targetShape: [79, 3, 2, 1] }));
  model.add(new PHCConv3D({ n: 1, filters: 2, kernelSize: 2, strides: 2, useBias: false, kernelRegularizer: 'l1l2' }));
  model.add(tfl.layers.flatten());
  model.add(
    new PHMDense({ n: 2, units: 4, algebraInitializer: tfl.initializers.randomNormal({ stddev: 0.5, seed: 7 }) }),
  );
  return model;
}

forEachBackend(() => {
  it('loads what was saved', async () => {
    const model = everyLayer();
    let saved: tf.io.ModelArtifacts | undefined;
    await model.save(
      tf.io.withSaveHandler(async (artifacts) => {
        saved = artifacts;
        return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
      }),
    );
    // Through JSON, as a file would go.
    const modelTopology = JSON.parse(JSON.stringify(saved!.modelTopology));
    const loaded = await tfl.loadLayersModel(tf.io.fromMemory({ ...saved!, modelTopology }));
    expect(loaded.layers.map((layer) => layer.getConfig())).toEqual(model.layers.map((layer) => layer.getConfig()));
    const x = random([2, 6, 6, 4], 1);
    await expect(loaded.predict(x) as tf.Tensor).toBeAllClose(model.predict(x) as tf.Tensor);
  });
});

it('has every gradient at hand', () => {
  for (const name of [tf.Conv2D, tf.Transpose, tf.Relu, tf.BatchMatMul]) expect(tf.getGradient(name)).toBeDefined();
});
