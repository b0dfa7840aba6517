import '@stridelab/phc-conv/register';
import { PHCConv2D } from '@stridelab/phc-conv';
import { forEachBackend, randomTensor } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { type ResnetOptions, resnet } from './index.ts';
import './register.ts';
import { drawWeights, StandInPool, saveAndLoad } from './testing.ts';

tf.serialization.registerClass(StandInPool);

const TINY = { classes: 3, inputShape: [8, 8, 3], depth: 8, widths: [3, 3, 6, 9] } satisfies ResnetOptions;

forEachBackend(() => {
  it.each<Partial<ResnetOptions>>([
    {},
    { variant: 'preact', shortcut: 'projection', seed: 3 },
    { conv: (options) => new PHCConv2D({ n: 3, ...options }), shortcut: 'projection', zeroInitLastGamma: true },
    { variant: 'preact', downsample: ({ name }) => new StandInPool({ name }), norm: { epsilon: 0.1 } },
  ])('loads what was saved, %j', async (options) => {
    const model = resnet({ ...TINY, ...options });
    drawWeights(model);
    const loaded = await saveAndLoad(model);
    const configs = (of: tfl.LayersModel) => JSON.parse(JSON.stringify(of.layers.map((layer) => layer.getConfig())));
    expect(configs(loaded)).toEqual(configs(model));
    const x = randomTensor([2, 8, 8, 3], 1);
    await expect(loaded.predict(x) as tf.Tensor).toBeAllClose(model.predict(x) as tf.Tensor);
    model.dispose();
    loaded.dispose();
  });
});
