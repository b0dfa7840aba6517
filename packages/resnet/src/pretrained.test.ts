import { DiffStride } from '@stridelab/diffstride';
import { PHCConv2D } from '@stridelab/phc-conv';
import { expectNamedError, forEachBackend, type GoldenCase, goldenCases, goldenTensor } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { foldBatchNorm, freezeUntil, ResnetError, type ResnetOptions, resnet } from './index.ts';
import { loadPretrained } from './pretrained.ts';
import { safetensorsFile } from './testing.ts';

const cases = goldenCases('resnet');
const { basic, cifar } = Object.fromEntries(cases.map((each) => [each.name, each])) as Record<string, GoldenCase>;
const bytesOf = ({ file }: GoldenCase) => Uint8Array.from(atob(file), (letter) => letter.charCodeAt(0));
const modelOf = ({ options }: GoldenCase, more: Partial<ResnetOptions> = {}) =>
  resnet({ ...options, padding: 'symmetric', ...more });
const valuesOf = (layer: tfl.layers.Layer) => layer.getWeights().map((weight) => Array.from(weight.dataSync()));

forEachBackend(() => {
  it.each(cases)('computes what PyTorch does: $name', async (golden) => {
    const model = modelOf(golden);
    const bytes = bytesOf(golden);
    const { numTensors } = tf.memory();
    loadPretrained(model, bytes.buffer);
    expect(tf.memory().numTensors).toBe(numTensors);
    const x = goldenTensor(golden.x);
    await expect(model.predict(x) as tf.Tensor).toBeAllClose(goldenTensor(golden.y));
    const folded = foldBatchNorm(model);
    await expect(folded.predict(x) as tf.Tensor).toBeAllClose(goldenTensor(golden.y));
    for (const made of [model, folded]) made.dispose();
    x.dispose();
  });
});

describe('a network of which part comes from elsewhere', () => {
  it('keeps a head of its own', () => {
    const model = modelOf(basic!, { classes: 3 });
    const head = model.getLayer('head');
    const before = valuesOf(head);
    loadPretrained(model, bytesOf(basic!), { head: false });
    expect(valuesOf(head)).toEqual(before);
    const whole = modelOf(basic!);
    loadPretrained(whole, bytesOf(basic!));
    expect(valuesOf(model.getLayer('stage4_block2_norm2'))).toEqual(valuesOf(whole.getLayer('stage4_block2_norm2')));
  });

  it('keeps the layers of downsample', async () => {
    const model = modelOf(cifar!, { downsample: (layer) => new DiffStride(layer) });
    const pool = model.getLayer('stage2_pool') as DiffStride;
    loadPretrained(model, bytesOf(cifar!));
    await expect(pool.strides).toBeAllClose([2, 2]);
    const strided = modelOf(cifar!);
    loadPretrained(strided, bytesOf(cifar!));
    expect(valuesOf(model.getLayer('stage2_block1_conv1'))).toEqual(valuesOf(strided.getLayer('stage2_block1_conv1')));
  });

  it('is loaded where part of it is frozen, too', async () => {
    const model = modelOf(cifar!);
    freezeUntil(model, 'head');
    loadPretrained(model, bytesOf(cifar!));
    await expect(model.predict(goldenTensor(cifar!.x)) as tf.Tensor).toBeAllClose(goldenTensor(cifar!.y));
  });
});

const without = (name: string) => {
  const shapes = modelShapes();
  delete shapes[name];
  return safetensorsFile(shapes);
};

/** What a file for {@link eight} has. */
function modelShapes(): Parameters<typeof safetensorsFile>[0] {
  const norm = (name: string, size: number) =>
    ['weight', 'bias', 'running_mean', 'running_var'].map((part) => [`${name}.${part}`, { shape: [size] }] as const);
  const stages = [1, 2, 3].flatMap((stage) => [
    [`layer${stage}.0.conv1.weight`, { shape: [2, 2, 3, 3] }] as const,
    [`layer${stage}.0.conv2.weight`, { shape: [2, 2, 3, 3] }] as const,
    ...norm(`layer${stage}.0.bn1`, 2),
    ...norm(`layer${stage}.0.bn2`, 2),
  ]);
  return Object.fromEntries([
    ['conv1.weight', { shape: [2, 3, 3, 3] }],
    ...norm('bn1', 2),
    ...stages,
    ['fc.weight', { shape: [3, 2] }],
    ['fc.bias', { shape: [3] }],
  ]);
}

const eight = (more: Partial<ResnetOptions> = {}) =>
  resnet({ depth: 8, classes: 3, inputShape: [8, 8, 3], widths: [2, 2, 2, 2], padding: 'symmetric', ...more });
const loadEight = (file: Uint8Array, more?: Partial<ResnetOptions>) => loadPretrained(eight(more), file);

it('takes a file that fits', () => {
  loadEight(safetensorsFile(modelShapes()));
  loadEight(
    safetensorsFile({
      ...modelShapes(),
      'bn1.num_batches_tracked': { shape: [], dtype: 'I64', bytes: new Uint8Array(8) },
    }),
  );
});

it.each<[string, () => unknown, string]>([
  [
    'the name of a file',
    () => loadPretrained(eight(), 'model.safetensors' as never),
    "resnet.loadPretrained: file must be the bytes of a safetensors file, got 'model.safetensors'",
  ],
  [
    'a pickle of PyTorch',
    () => loadEight(new TextEncoder().encode('PK\u0003\u0004 and more')),
    `resnet.loadPretrained: file must be a safetensors file, and whole, got '13 bytes that begin with "PK\\u0003\\u0004"'`,
  ],
  [
    'another option',
    () => loadPretrained(eight(), new Uint8Array(0), { heads: false } as never),
    'resnet.loadPretrained: options must be some of {head}, got {heads: false}',
  ],
  [
    'head',
    () => loadPretrained(eight(), new Uint8Array(0), { head: 10 } as never),
    'resnet.loadPretrained: head must be true or false, got 10',
  ],
  [
    'windows of TensorFlow',
    () => loadEight(safetensorsFile(modelShapes()), { padding: 'same' }),
    "resnet.loadPretrained: model must be made with padding: 'symmetric', got 'stage2_block1_conv1'",
  ],
  [
    'pre-activation',
    () => loadEight(safetensorsFile(modelShapes()), { variant: 'preact' }),
    "resnet.loadPretrained: layers must be those of resnet() with variant 'postact', by their names, got 'final_norm'",
  ],
  [
    'hypercomplex convolutions',
    () => loadEight(safetensorsFile(modelShapes()), { conv: (layer) => new PHCConv2D({ n: 1, ...layer }) }),
    "resnet.loadPretrained: layers must be Conv2D without bias, BatchNorm and Dense; a model is folded after loading, got 'stem_conv, a PHCConv2D of 2 weights'",
  ],
  [
    'a folded model',
    () => loadPretrained(foldBatchNorm(eight()), safetensorsFile(modelShapes())),
    "resnet.loadPretrained: layers must be Conv2D without bias, BatchNorm and Dense; a model is folded after loading, got 'stem_conv, a Conv2D of 2 weights'",
  ],
  [
    'a file of a deeper network',
    () => loadEight(safetensorsFile({ ...modelShapes(), 'layer3.1.conv1.weight': { shape: [2, 2, 3, 3] } })),
    "resnet.loadPretrained: the model must have a place for every tensor of the file, got ['layer3.1.conv1.weight']",
  ],
  [
    'a file of a shallower network',
    () => loadPretrained(eight(), safetensorsFile({ 'conv1.weight': { shape: [2, 3, 3, 3] } })),
    "resnet.loadPretrained: the file must have bn1.weight, for stem_norm, got ['conv1.weight']",
  ],
  [
    'integers that have no place',
    () =>
      loadEight(
        safetensorsFile({ ...modelShapes(), 'bn2.weight': { shape: [4], dtype: 'I8', bytes: new Uint8Array(4) } }),
      ),
    "resnet.loadPretrained: the model must have a place for every tensor of the file, got ['bn2.weight']",
  ],
  [
    'another shape',
    () => loadEight(safetensorsFile({ ...modelShapes(), 'fc.weight': { shape: [10, 2] } })),
    'resnet.loadPretrained: fc.weight must be of shape [3, 2], for head (with head: false it stays as it is), got [10, 2]',
  ],
  [
    'integers',
    () =>
      loadEight(
        safetensorsFile({ ...modelShapes(), 'fc.bias': { shape: [3], dtype: 'I32', bytes: new Uint8Array(12) } }),
      ),
    "resnet.loadPretrained: fc.bias must be of F64, F32, F16 or BF16, got 'I32'",
  ],
])('refuses %s', async (_, call, message) => {
  await expectNamedError(call, ResnetError, message);
});

it('keeps a head that somebody added under another name', () => {
  const inner = eight();
  const features = inner.getLayer('features').output as tfl.SymbolicTensor;
  const own = tfl.layers.dense({ name: 'own', units: 5 }).apply(features) as tfl.SymbolicTensor;
  loadPretrained(tfl.model({ inputs: inner.inputs, outputs: own }), safetensorsFile(modelShapes()), { head: false });
});

it('takes no notice of how layers of downsample are named or padded', () => {
  const downsample: ResnetOptions['downsample'] = ({ strides }) =>
    tfl.layers.averagePooling2d({ poolSize: strides, strides, padding: 'same' });
  loadEight(safetensorsFile(modelShapes()), { downsample });
});

it('changes nothing where the last tensor is missing', async () => {
  const model = eight();
  const before = model.layers.map(valuesOf);
  expect(() => loadPretrained(model, without('fc.bias'))).toThrow(
    'the file must have fc.bias, for head (with head: false it stays as it is)',
  );
  expect(model.layers.map(valuesOf)).toEqual(before);
});
