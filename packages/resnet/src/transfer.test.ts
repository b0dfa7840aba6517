import { expectNamedError, randomTensor } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { freezeUntil, ResnetError, replaceHead, resnet } from './index.ts';

const tiny = () => resnet({ classes: 3, inputShape: [8, 8, 3], depth: 14, widths: [4, 4, 6, 8] });
const trainableNames = (model: tfl.LayersModel) => [
  ...new Set(model.trainableWeights.map(({ originalName }) => originalName.split('/')[0]!)),
];

it('freezes what comes before a stage, a block or the head, and nothing after', () => {
  const model = tiny();
  const all = trainableNames(model);
  for (const [name, expected] of [
    ['head', ['head']],
    ['stage3', all.filter((layer) => /^(stage3|head)/.test(layer))],
    ['stage2_block2', all.filter((layer) => /^(stage2_block2|stage3|head)/.test(layer))],
    ['stem', all],
  ] as const) {
    freezeUntil(model, name);
    expect(trainableNames(model)).toEqual(expected);
  }
});

it('leaves frozen what somebody else froze', () => {
  const model = tiny();
  const own = model.getLayer('stage3_block1_conv1');
  own.trainable = false;
  for (const name of ['head', 'stage2', 'stem']) {
    freezeUntil(model, name);
    expect(own.trainable).toBe(false);
  }
});

it('trains what is not frozen, with frozen statistics', async () => {
  const model = tiny();
  freezeUntil(model, 'head');
  model.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError' });
  const before = model.getWeights().map((weight) => Array.from(weight.dataSync()));
  await model.fit(randomTensor([4, 8, 8, 3], 1), randomTensor([4, 3], 2), { epochs: 1, verbose: 0 });
  const changed = model.getWeights().map((weight, i) => Array.from(weight.dataSync()).join() !== before[i]!.join());
  // Kernel and bias of the head; weights come trainable ones first.
  expect(model.weights.filter((_, i) => changed[i]).map(({ originalName }) => originalName)).toEqual([
    'head/kernel',
    'head/bias',
  ]);
});

it('gives a network another head on the same trunk', async () => {
  const model = tiny();
  const next = replaceHead(model, { classes: 5, outputs: 'probabilities', seed: 1 });
  const x = randomTensor([2, 8, 8, 3], 1);
  const output = next.predict(x) as tf.Tensor;
  expect(output.shape).toEqual([2, 5]);
  await expect(tf.sum(output, -1)).toBeAllClose([1, 1]);
  expect((model.predict(x) as tf.Tensor).shape).toEqual([2, 3]);
  expect(next.getLayer('stem_conv')).toBe(model.getLayer('stem_conv'));
  expect(next.layers.at(-1)!.name).toBe('head');
  const again = replaceHead(model, { classes: 5, seed: 1 });
  await expect(again.layers.at(-1)!.getWeights()[0]!).toBeAllClose(next.layers.at(-1)!.getWeights()[0]!);
});

it.each<[string, () => unknown, string]>([
  [
    'name',
    () => freezeUntil(tiny(), 'stage9'),
    "resnet.freezeUntil: name must begin a layer's name, such as images, stem, stage1, stage2, stage3, features, head, got 'stage9'",
  ],
  [
    'classes',
    () => replaceHead(tiny(), { classes: 1.5 }),
    'resnet.replaceHead: classes must be an integer >= 1, got 1.5',
  ],
  [
    'outputs',
    () => replaceHead(tiny(), { classes: 2, outputs: 'odds' as never }),
    "resnet.replaceHead: outputs must be 'logits' or 'probabilities', got 'odds'",
  ],
  [
    'another option',
    () => replaceHead(tiny(), { classes: 2, output: 'probabilities' } as never),
    "resnet.replaceHead: options must be some of {classes, outputs, seed}, got {classes: 2, output: 'probabilities'}",
  ],
  [
    'head',
    () => replaceHead(tfl.sequential({ layers: [tfl.layers.flatten({ inputShape: [2, 2] })] }), { classes: 2 }),
    "resnet.replaceHead: the last layer must be a dense one, got 'Flatten'",
  ],
])('is refused by a named error: %s', async (_, call, message) => {
  await expectNamedError(call, ResnetError, message);
});
