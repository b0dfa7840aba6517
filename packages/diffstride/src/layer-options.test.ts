// The layers' configuration, saved and loaded; the shapes that they tell; options that are wrong.
import { expectNamedError, randomTensor as random } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { DiffStride, DiffStride1D, type DiffStrideArgs } from './diff-stride-layer.ts';
import { DiffStrideError } from './errors.ts';
import './register.ts';

describe('its configuration', () => {
  it.each<[string, DiffStrideArgs]>([
    ['by default', {}],
    [
      'with every option',
      {
        name: 'pool',
        strides: [1.5, 2],
        smoothnessFactor: 3,
        cropping: false,
        trainable: false,
        lowerLimitStride: 1.2,
        upperLimitStride: 5,
        dataFormat: 'channelsFirst',
        mask: 'symmetric',
      },
    ],
    ['with a shared stride', { strides: 1.5, sharedStride: true }],
  ])('survives JSON %s', (_, args) => {
    const config = new DiffStride(args).getConfig();
    expect(config).toMatchObject({ ...args, ...(args.sharedStride && { strides: [1.5] }) });
    const written = JSON.parse(JSON.stringify(config));
    expect(
      tf.serialization.SerializationMap.getMap().classNameMap.DiffStride![1](DiffStride, written).getConfig(),
    ).toEqual(config);
  });
});

it('is loaded with the size that it has, where its strides were learned and then frozen', async () => {
  const images = tfl.input({ shape: [12, 12, 2] });
  const layer = new DiffStride({ strides: 2, smoothnessFactor: 1 });
  layer.apply(images);
  layer.setWeights([tf.tensor1d([1.5, 3.25])]);
  layer.trainable = false;
  const flat = tfl.layers.flatten().apply(layer.apply(images)) as tfl.SymbolicTensor;
  const model = tfl.model({
    inputs: images,
    outputs: tfl.layers.dense({ units: 3 }).apply(flat) as tfl.SymbolicTensor,
  });
  let saved: tf.io.ModelArtifacts = {};
  const handler = tf.io.withSaveHandler(async (artifacts) => {
    saved = artifacts;
    return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
  });
  await model.save(handler);
  const loaded = await tfl.loadLayersModel(tf.io.fromMemory(saved));
  const x = random([2, 12, 12, 2]);
  await expect(loaded.predict(x) as tf.Tensor).toBeAllClose(model.predict(x) as tf.Tensor);
  expect(loaded.layers[1]!.outputShape).toEqual([null, 10, 6, 2]);
  layer.setWeights([tf.tensor1d([0.5, 3.25])]); // as an optimizer may leave them
  expect(layer.getConfig().strides).toEqual([1, 3.25]);
});

describe('shapes', () => {
  it('knows its size only when that cannot move', () => {
    expect(new DiffStride().computeOutputShape([null, 32, 32, 8])).toEqual([null, null, null, 8]);
    expect(new DiffStride({ trainable: false }).computeOutputShape([null, 32, 32, 8])).toEqual([null, 24, 24, 8]);
    expect(new DiffStride({ cropping: false }).computeOutputShape([null, 32, 33, 8])).toEqual([null, 32, 32, 8]);
    expect(
      new DiffStride({ dataFormat: 'channelsFirst', trainable: false }).computeOutputShape([1, 8, 32, 32]),
    ).toEqual([1, 8, 24, 24]);
    expect(new DiffStride({ trainable: false }).computeOutputShape([null, null, null, 8])).toEqual([
      null,
      null,
      null,
      8,
    ]);
  });

  it('takes images of any size after it was built for one', () => {
    const model = tfl.sequential({
      layers: [new DiffStride({ inputShape: [null, null, 1] as never }), tfl.layers.globalAveragePooling2d({})],
    });
    for (const size of [16, 24, 13]) {
      expect((model.predict(random([2, size, size, 1])) as tf.Tensor).shape).toEqual([2, 1]);
    }
  });
});

it.each<[DiffStrideArgs, string]>([
  [{ strides: 0.9 }, 'strides must be a number >= 1 or a pair of them, got 0.9'],
  [{ strides: [2, Number.NaN] }, 'strides must be a number >= 1 or a pair of them, got [2, NaN]'],
  [{ strides: [2, 2, 2] }, 'strides must be a number >= 1 or a pair of them, got [2, 2, 2]'],
  [{ strides: [2, 3], sharedStride: true }, 'strides must be one number >= 1, got [2, 3]'],
  [{ smoothnessFactor: 0 }, 'smoothness must be a number > 0, got 0'],
  [{ lowerLimitStride: 3, upperLimitStride: 2 }, 'lowerLimit must not exceed upperLimit, got [3, 2]'],
  [{ lowerLimitStride: 0.5 }, 'lowerLimit must be a number >= 1, got 0.5'],
  [{ cropping: 'no' as never }, "cropping must be true or false, got 'no'"],
  [{ sharedStride: 1 as never }, 'shared must be true or false, got 1'],
  [{ mask: 'round' as never }, "mask must be 'published' or 'symmetric', got 'round'"],
  [{ dataFormat: 'NCHW' as never }, "dataFormat must be 'channelsLast' or 'channelsFirst', got 'NCHW'"],
])('names what is wrong with %j at construction', async (args, message) => {
  await expectNamedError(() => new DiffStride(args), DiffStrideError, `diffstride.DiffStride: ${message}`);
});

it.each([
  [DiffStride, null, 'null'],
  [DiffStride1D, null, 'null'],
  [DiffStride, 2, '2'],
  [DiffStride, { stride: 3 }, '{stride: 3}'],
  [DiffStride, { smoothness: 1 }, '{smoothness: 1}'],
  [DiffStride1D, { poolSize: 3 }, '{poolSize: 3}'],
  [DiffStride1D, { mask: 'symmetric' }, "{mask: 'symmetric'}"],
  [DiffStride1D, { sharedStride: true }, '{sharedStride: true}'],
] as const)('%o names options that are none: %j', async (Layer, args, got) => {
  const ofTwoSides = Layer === DiffStride ? 'sharedStride, mask, ' : '';
  const own = `${ofTwoSides}strides, smoothnessFactor, cropping, lowerLimitStride, upperLimitStride, dataFormat`;
  const all = 'name, trainable, inputShape, batchInputShape, batchSize, dtype, inputDType, weights, customObjects';
  const message = `diffstride.${Layer.className}: options must be some of {${own}, ${all}}, got ${got}`;
  await expectNamedError(() => new Layer(args as never), DiffStrideError, message);
});

it('takes the options of every layer', () => {
  const weights = [tf.tensor1d([1.5, 2.5])];
  const layer = new DiffStride({
    name: 'pool',
    trainable: false,
    dtype: 'float32',
    batchInputShape: [2, 9, 8, 1],
    weights,
  });
  const model = tfl.sequential({ layers: [layer] });
  expect(model.inputs[0]!.shape).toEqual([2, 9, 8, 1]);
  expect([layer.name, layer.trainable]).toEqual(['pool', false]);
  expect([...layer.strides.dataSync()]).toEqual([1.5, 2.5]);
});

it('names what it is asked for before it is built', async () => {
  const rule = "a layer has strides once it is built, got 'pool'";
  const layer = new DiffStride({ name: 'pool' });
  await expectNamedError(() => layer.strides, DiffStrideError, `diffstride.DiffStride: ${rule}`);
  await expectNamedError(
    () => layer.call(tf.ones([1, 9, 9, 1]), {}),
    DiffStrideError,
    `diffstride.DiffStride: ${rule}`,
  );
  expect(await layer.readStrides()).toEqual([2, 2]);
});

it('names an image that is too small as soon as its size is known', async () => {
  await expectNamedError(
    () => tfl.sequential({ layers: [new DiffStride({ inputShape: [4, 16, 1] })] }),
    DiffStrideError,
    'diffstride.DiffStride: smoothness must be below every side of the image, which is [4, 16], got 4',
  );
});
