import { expectNamedError, forEachBackend, randomValues } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { SpectralPoolingError } from './errors.ts';
import { SpectralPooling1D, SpectralPooling2D, type SpectralPooling2DArgs } from './layers.ts';
import { spectralPool1d, spectralPool2d } from './spectral-pool2d.ts';
import './register.ts';

forEachBackend(() => {
  it('computes what the functions compute', async () => {
    const x = tf.tensor4d(randomValues(2 * 9 * 12 * 3, 1), [2, 9, 12, 3]);
    const pooled = new SpectralPooling2D({ strides: [1.5, 2] }).apply(x) as tf.Tensor;
    await expect(pooled).toBeAllClose(spectralPool2d(x, { strides: [1.5, 2] }));
    const sized = new SpectralPooling2D({ size: [4, 3], norm: 'forward', dataFormat: 'channelsFirst' }).apply(
      x,
    ) as tf.Tensor;
    await expect(sized).toBeAllClose(spectralPool2d(x, { size: [4, 3], norm: 'forward', dataFormat: 'channelsFirst' }));
    const line = tf.tensor3d(randomValues(2 * 9 * 3, 1), [2, 9, 3]);
    const halved = new SpectralPooling1D().apply(line) as tf.Tensor;
    await expect(halved).toBeAllClose(spectralPool1d(line, { strides: 2 }));
    const short = new SpectralPooling1D({ size: 5 }).apply(line) as tf.Tensor;
    await expect(short).toBeAllClose(spectralPool1d(line, { size: 5 }));
  });

  it('comes back from a file', async () => {
    const model = tfl.sequential({
      layers: [
        new SpectralPooling2D({ strides: [1.5, 2], inputShape: [9, 12, 2] }),
        tfl.layers.globalAveragePooling2d({}),
      ],
    });
    let artifacts: tf.io.ModelArtifacts | undefined;
    await model.save({
      save: async (saved) => {
        artifacts = saved;
        return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
      },
    });
    const loaded = await tfl.loadLayersModel(tf.io.fromMemory(artifacts!));
    const x = tf.tensor4d(randomValues(2 * 9 * 12 * 2, 1), [2, 9, 12, 2]);
    await expect(loaded.predict(x) as tf.Tensor).toBeAllClose(model.predict(x) as tf.Tensor, { relative: 0 });
  });
});

it('knows its shapes', () => {
  expect(new SpectralPooling2D().computeOutputShape([null, 9, 12, 3])).toEqual([null, 4, 6, 3]);
  expect(new SpectralPooling2D({ dataFormat: 'channelsFirst' }).computeOutputShape([1, 3, 9, 12])).toEqual([
    1, 3, 4, 6,
  ]);
  expect(new SpectralPooling2D({ size: 4 }).computeOutputShape([null, null, null, 3])).toEqual([null, 4, 4, 3]);
  expect(new SpectralPooling2D().computeOutputShape([null, null, null, 3])).toEqual([null, null, null, 3]);
  expect(new SpectralPooling2D().computeOutputShape([null, null, 12, 3])).toEqual([null, null, 6, 3]);
  expect(new SpectralPooling2D({ size: 4 }).computeOutputShape([null, 9, null, 3])).toEqual([null, 4, 4, 3]);
  expect(new SpectralPooling1D({ strides: 3 }).computeOutputShape([null, 10, 3])).toEqual([null, 3, 3]);
});

it.each([
  [SpectralPooling1D, null, 'null'],
  [SpectralPooling2D, null, 'null'],
  [SpectralPooling2D, 2, '2'],
  [SpectralPooling2D, { poolSize: 3 }, '{poolSize: 3}'],
] as const)('%o names options that are none: %j', async (Layer, args, got) => {
  const all = 'name, trainable, inputShape, batchInputShape, batchSize, dtype, inputDType, weights, customObjects';
  const rule = `options must be some of {strides, size, norm, dataFormat, ${all}}`;
  const message = `spectral-pooling.${Layer.className}: ${rule}, got ${got}`;
  await expectNamedError(() => new Layer(args as never), SpectralPoolingError, message);
});

it.each<[SpectralPooling2DArgs, string]>([
  [{ strides: 0 }, 'strides must be a number >= 1 or a pair of them, got 0'],
  [{ size: [4, 0] }, 'size must be an integer >= 2 or a pair of them, got [4, 0]'],
  [{ size: 4, strides: 2 }, 'strides and size exclude each other, got {strides: 2, size: 4}'],
  [{ norm: 'l2' as never }, "norm must be 'backward', 'ortho' or 'forward', got 'l2'"],
])('names what is wrong with %j at construction', async (args, message) => {
  await expectNamedError(
    () => new SpectralPooling2D(args),
    SpectralPoolingError,
    `spectral-pooling.SpectralPooling2D: ${message}`,
  );
});
