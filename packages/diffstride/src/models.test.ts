import '@stridelab/wasm'; // the gradients of convolutions and batch normalization that TF.js lacks on wasm
import { expectNoLeak, forEachBackend, randomTensor as random } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { DiffStride } from './diff-stride-layer.ts';
import './register.ts';

const labels = () => tf.oneHot(tf.tensor1d([0, 1, 2, 0, 1, 2], 'int32'), 3);
const glorot = (seed: number) => tfl.initializers.glorotUniform({ seed });

/** An in-memory round trip as model.save and loadLayersModel make it. */
async function saveAndLoad(model: tfl.LayersModel): Promise<tfl.LayersModel> {
  let artifacts: tf.io.ModelArtifacts | undefined;
  await model.save({
    save: async (saved) => {
      artifacts = saved;
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
    },
  });
  return tfl.loadLayersModel(tf.io.fromMemory(artifacts!));
}

const diffStrideOf = (model: tfl.LayersModel) =>
  model.layers.find((layer): layer is DiffStride => layer instanceof DiffStride)!;

function sequentialModel(): tfl.Sequential {
  const convolution = { filters: 4, kernelSize: 3, padding: 'same', kernelInitializer: glorot(3) } as const;
  return tfl.sequential({
    layers: [
      tfl.layers.conv2d({ ...convolution, inputShape: [16, 16, 2] }),
      tfl.layers.batchNormalization(),
      new DiffStride({ strides: [2, 2.6], smoothnessFactor: 2 }),
      tfl.layers.activation({ activation: 'relu' }),
      tfl.layers.globalAveragePooling2d({}),
      tfl.layers.dense({ units: 3, activation: 'softmax', kernelInitializer: glorot(4) }),
    ],
  });
}

/** A residual block whose shortcut is pooled by the layer that pools its main branch, for images of any size. */
function residualModel(): tfl.LayersModel {
  const convolution = { filters: 4, padding: 'same', useBias: false } as const;
  const input = tfl.input({ shape: [null, null, 2] });
  const pool = new DiffStride({ strides: [1.8, 2.3], smoothnessFactor: 2 });
  const main = [
    tfl.layers.conv2d({ ...convolution, kernelSize: 3, kernelInitializer: glorot(5) }),
    tfl.layers.batchNormalization(),
    tfl.layers.activation({ activation: 'relu' }),
    pool,
  ].reduce((x, layer) => layer.apply(x) as tfl.SymbolicTensor, input);
  const shortcut = [pool, tfl.layers.conv2d({ ...convolution, kernelSize: 1, kernelInitializer: glorot(6) })].reduce(
    (x, layer) => layer.apply(x) as tfl.SymbolicTensor,
    input,
  );
  const sum = tfl.layers.add().apply([main, shortcut]);
  const output = [
    tfl.layers.activation({ activation: 'relu' }),
    tfl.layers.globalAveragePooling2d({}),
    tfl.layers.dense({ units: 3, activation: 'softmax', kernelInitializer: glorot(7) }),
  ].reduce((x, layer) => layer.apply(x) as tfl.SymbolicTensor, sum as tfl.SymbolicTensor);
  return tfl.model({ inputs: input, outputs: output });
}

forEachBackend(() => {
  it('gives strides no gradient from a mean, which is frequency zero, and one from what looks at more', async () => {
    const slopes = async (...after: tfl.layers.Layer[]) => {
      const pool = new DiffStride({ smoothnessFactor: 2 });
      const x = random([2, 16, 16, 2]);
      const loss = () =>
        tf.sum(tf.square([pool, ...after].reduce((y, layer) => layer.apply(y) as tf.Tensor, x))) as tf.Scalar;
      loss(); // builds it
      return Object.values(tf.variableGrads(loss, [pool.strides]).grads)[0]!.data();
    };
    const mean = () => tfl.layers.globalAveragePooling2d({});
    for (const slope of await slopes(mean())) expect(Math.abs(slope)).toBeLessThan(1e-6);
    for (const slope of await slopes(tfl.layers.activation({ activation: 'relu' }), mean())) {
      expect(Math.abs(slope)).toBeGreaterThan(1e-4);
    }
  });

  it.each([
    ['tf.sequential', sequentialModel],
    ['the functional API, shared by two branches', residualModel],
  ])('learns in model.fit and comes back from a file: %s', async (_, make) => {
    const model = make();
    const layer = diffStrideOf(model);
    const start = await layer.readStrides();
    model.compile({ optimizer: tf.train.sgd(0.5), loss: 'categoricalCrossentropy' });
    const options = { epochs: 3, batchSize: 3, verbose: 0, shuffle: false } as const;
    const { history } = await model.fit(random([6, 16, 16, 2]), labels(), options);
    expect(Number(history.loss!.at(-1))).toBeLessThan(Number(history.loss![0]));
    const learned = await layer.readStrides();
    for (const [i, stride] of learned.entries()) expect(Math.abs(stride - start[i]!)).toBeGreaterThan(1e-5);
    expect(Array.from(await layer.strides.data())).toEqual(learned);
    expect(() => model.summary(undefined, undefined, () => {})).not.toThrow();

    const x = random([2, 16, 16, 2], 5);
    const expected = Array.from(await (model.predict(x) as tf.Tensor).data());
    const loaded = await saveAndLoad(model);
    expect(await diffStrideOf(loaded).readStrides()).toEqual(learned);
    expect(diffStrideOf(loaded).getConfig()).toEqual(layer.getConfig());
    expect(Array.from(await (loaded.predict(x) as tf.Tensor).data())).toEqual(expected);
  });

  it('adds up in one layer what two branches of a model say about the strides', async () => {
    const input = tfl.input({ shape: [12, 12, 1] });
    const pool = new DiffStride({ strides: 2 });
    const square = (x: tfl.SymbolicTensor) => tfl.layers.multiply().apply([x, x]) as tfl.SymbolicTensor;
    const pooled = pool.apply(input) as tfl.SymbolicTensor;
    const twice = pool.apply(tfl.layers.add().apply([input, input]) as tfl.SymbolicTensor) as tfl.SymbolicTensor;
    const both = tfl.layers.add().apply([square(pooled), square(twice)]) as tfl.SymbolicTensor;
    const x = random([2, 12, 12, 1]);
    const slopesOf = (output: tfl.SymbolicTensor) => {
      const model = tfl.model({ inputs: input, outputs: output });
      const loss = () => tf.sum(model.apply(x, { training: true }) as tf.Tensor) as tf.Scalar;
      return Object.values(tf.variableGrads(loss, [pool.strides]).grads)[0]!;
    };
    // The second branch carries twice the image, and so four times the loss.
    await expect(slopesOf(both)).toBeAllClose(tf.mul(slopesOf(square(pooled)), 5), { relative: 1e-5 });
  });

  it('comes back from a file where frozen strides have made the shapes behind it', async () => {
    const pool = new DiffStride({ strides: 2, smoothnessFactor: 2, inputShape: [16, 16, 1] });
    tfl.sequential({ layers: [pool] });
    pool.setWeights([tf.tensor1d([3, 2.5])]);
    await pool.readStrides();
    pool.trainable = false;
    const input = tfl.input({ shape: [16, 16, 1] });
    const flat = tfl.layers.flatten().apply(pool.apply(input) as tfl.SymbolicTensor);
    const model = tfl.model({
      inputs: input,
      outputs: tfl.layers.dense({ units: 2 }).apply(flat) as tfl.SymbolicTensor,
    });
    const x = random([1, 16, 16, 1]);
    const loaded = await saveAndLoad(model);
    await expect(loaded.predict(x) as tf.Tensor).toBeAllClose(model.predict(x) as tf.Tensor, { relative: 0 });
  });

  it('predicts other sizes than it has learned from, under tf.tidy, and keeps nothing', async () => {
    const model = residualModel();
    model.compile({ optimizer: tf.train.sgd(0.1), loss: 'categoricalCrossentropy' });
    await model.fit(random([6, 16, 16, 2]), labels(), { epochs: 1, batchSize: 6, verbose: 0 });
    const learned = await diffStrideOf(model).readStrides();
    for (const [height, width] of [
      [24, 13],
      [9, 16],
    ]) {
      const x = random([2, height!, width!, 2]);
      const alone = model.predict(x) as tf.Tensor;
      const tidied = tf.tidy(() => tf.mul(model.predict(x) as tf.Tensor, 1));
      expect(tidied.shape).toEqual([2, 3]);
      await expect(tidied).toBeAllClose(alone, { relative: 0 });
      expectNoLeak(() => tf.tidy(() => model.predict(x)));
    }
    expect(await diffStrideOf(model).readStrides()).toEqual(learned);
  });
});
