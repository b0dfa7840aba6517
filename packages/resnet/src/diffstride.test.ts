// The published network whole: strides learned by DiffStride itself.
import '@stridelab/diffstride/register';
import { DiffStride } from '@stridelab/diffstride';
import { forEachBackend, randomTensor } from '@stridelab/test-kit';
import '@stridelab/wasm'; // for the gradients of convolutions, which stock wasm lacks
import { softmaxCrossEntropy } from '@stridelab/train-ops';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { modelCost, type ResnetOptions, resnet } from './index.ts';
import './register.ts';
import { saveAndLoad, trainableParameters } from './testing.ts';

const PUBLISHED = {
  ...{ depth: 18, variant: 'preact', stem: 'cifar', classes: 10, inputShape: [32, 32, 3], seed: 1 },
  downsample: (options) => new DiffStride(options),
} satisfies ResnetOptions;
/** The same on a small scale. */
const SMALL = { ...PUBLISHED, depth: 8, shortcut: 'projection', widths: [2, 2, 3, 4] } satisfies ResnetOptions;

/** Map sides after each stage's last block, at the strides of the moment. */
function sides(model: LayersModel, block: number): number[] {
  const sums = modelCost(model).layers.filter(({ name }) => name.endsWith(`block${block}_add`));
  return sums.map(({ outputShape }) => outputShape[1]!);
}

it('has 8 parameters more than the strided one, and maps of 32, 24, 20 and 18', () => {
  const model = resnet(PUBLISHED);
  expect(trainableParameters(model)).toBe(11_172_178);
  expect(sides(model, 2)).toEqual([32, 24, 20, 18]);
  model.dispose();
});

it('counts what the layer itself costs', () => {
  const model = resnet(PUBLISHED);
  const pools = modelCost(model).layers.filter(({ className }) => className === 'DiffStride');
  // Of the first stage that is smaller, in the branch and in the shortcut: sides of 32 to 24, both parts.
  const [branch, shortcut] = pools.filter(({ name }) => name.startsWith('stage2'));
  expect([branch!.multiplyAdds, shortcut!.multiplyAdds]).toEqual(
    [branch!, shortcut!].map(({ outputShape }) => 2 * outputShape[3]! * (24 * 32 * 32 + 24 * 32 * 24)),
  );
  model.dispose();
});

forEachBackend(() => {
  it('learns its strides, and is saved with them', async () => {
    const model = resnet(SMALL);
    const images = randomTensor([4, 32, 32, 3], 1);
    const optimizer = tf.train.sgd(0.05);
    const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
    const strides = () =>
      Promise.all(model.layers.filter((layer) => layer instanceof DiffStride).map((l) => l.readStrides()));
    const before = await strides();
    expect(before).toEqual([
      [1, 1],
      [2, 2],
      [2, 2],
    ]);
    const loss = () =>
      softmaxCrossEntropy([0, 1, 2, 3], model.apply(images, { training: true }) as tf.Tensor2D) as tf.Scalar;
    optimizer.minimize(loss, false, variables);
    const after = await strides();
    for (const [i, pair] of after.slice(1).entries()) expect(pair).not.toEqual(before[i + 1]);

    const loaded = await saveAndLoad(model);
    await expect(loaded.predict(images) as tf.Tensor).toBeAllClose(model.predict(images) as tf.Tensor, {
      relative: 1e-4,
    });
    expect(sides(loaded, 1)).toEqual(sides(model, 1));
    model.dispose();
    loaded.dispose();
  });
});
