import { forEachBackend, randomTensor } from '@stridelab/test-kit';
import '@stridelab/wasm'; // for the gradients of convolutions, which stock wasm lacks
import { BatchNorm, softmaxCrossEntropy } from '@stridelab/train-ops';
import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, layers } from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { type ConvFactory, type ResnetOptions, resnet } from './index.ts';
import { StandInPool } from './testing.ts';

const PREACT18 = {
  depth: 18,
  variant: 'preact',
  stem: 'cifar',
  classes: 10,
  inputShape: [32, 32, 3],
} satisfies ResnetOptions;
/** Small enough for every backend. */
const TINY = { classes: 3, inputShape: [8, 8, 3], depth: 8, widths: [4, 4, 6, 8], seed: 1 } satisfies ResnetOptions;

/** Sides of the maps that come out of the stem and of each stage. */
function sides(model: LayersModel): unknown[] {
  const last = (stage: number) => model.layers.filter(({ name }) => name.startsWith(`stage${stage}_`)).at(-1)!;
  const stages = [1, 2, 3, 4].filter((stage) => model.layers.some(({ name }) => name.startsWith(`stage${stage}_`)));
  return stages.map((stage) => (last(stage).outputShape as number[]).slice(1, 3));
}

describe('the network', () => {
  it.each<[Partial<ResnetOptions>, number[][]]>([
    [
      {},
      [
        [32, 32],
        [16, 16],
        [8, 8],
        [4, 4],
      ],
    ],
    [
      { strides: [1, 1, 2, 2, 3] },
      [
        [32, 32],
        [16, 16],
        [8, 8],
        [3, 3],
      ],
    ],
    [
      { strides: [1, 1, 3, 1, 3] },
      [
        [32, 32],
        [11, 11],
        [11, 11],
        [4, 4],
      ],
    ],
    [
      { strides: [[2, 1], 1, [1, 2], 2, 2] },
      [
        [16, 32],
        [16, 16],
        [8, 8],
        [4, 4],
      ],
    ],
    [
      { strides: [2, 2, 2, 2, 2] },
      [
        [8, 8],
        [4, 4],
        [2, 2],
        [1, 1],
      ],
    ],
    [
      { stem: 'imagenet' },
      [
        [8, 8],
        [4, 4],
        [2, 2],
        [1, 1],
      ],
    ],
  ])('with %j has maps of %j', (options, expected) => {
    const model = resnet({ ...PREACT18, widths: [4, 4, 4, 8, 8], ...options });
    expect(sides(model)).toEqual(expected);
    model.dispose();
  });

  it('is the published one: identity in stage one, pooling after the first convolution and before the shortcut', () => {
    const model = resnet({ ...PREACT18, widths: [4, 4, 8, 8, 8], downsample: ({ name }) => new StandInPool({ name }) });
    const names = model.layers.map(({ name }) => name);
    expect(names.filter((name) => name.endsWith('_shortcut'))).toEqual([
      'stage2_block1_shortcut',
      'stage3_block1_shortcut',
      'stage4_block1_shortcut',
    ]);
    const sourcesOf = (name: string) =>
      model.getLayer(name).inboundNodes.map(({ inboundLayers }) => inboundLayers.map((layer) => layer.name).join());
    // One layer, applied to both branches, and the 1x1 convolution works on fewer pixels.
    expect(sourcesOf('stage2_pool')).toEqual(['stage2_block1_conv1', 'stage1_block2_add']);
    expect(sourcesOf('stage2_block1_shortcut')).toEqual(['stage2_pool']);
    expect(sourcesOf('stage2_block1_norm2')).toEqual(['stage2_pool']);
    expect(sourcesOf('stem_pool')).toEqual(['stem_conv']);
    const strides = model.layers
      .filter(({ name }) => /conv|shortcut/.test(name))
      .map((layer) => layer.getConfig().strides);
    expect(new Set(strides.flat())).toEqual(new Set([1]));
    model.dispose();
  });

  it('pools after a shortcut convolution where the order matters', () => {
    const downsample = ({ name, strides }: { name: string; strides: [number, number] }) =>
      layers.maxPooling2d({ name, poolSize: strides, strides, padding: 'same' });
    const model = resnet({ ...PREACT18, variant: 'postact', widths: [4, 4, 8, 8, 8], downsample });
    const [shortcut] = model.getLayer('stage2_block1_shortcut').inboundNodes;
    expect(shortcut!.inboundLayers.map(({ name }) => name)).toEqual(['stage1_block2_relu']);
    model.dispose();
  });

  it('leaves a stage without a pooling layer to its convolutions', () => {
    const downsample = ({ name }: { name: string }, { stage }: { stage: number }) =>
      stage === 3 ? new StandInPool({ name }) : undefined;
    const model = resnet({ ...PREACT18, widths: [4, 4, 4, 4, 4], downsample });
    expect(model.layers.filter((layer) => layer instanceof StandInPool)).toHaveLength(1);
    expect(model.getLayer('stage2_block1_conv1').getConfig().strides).toEqual([2, 2]);
    expect(model.getLayer('stage3_block1_conv1').getConfig().strides).toEqual([1, 1]);
    model.dispose();
  });

  it.each(['preact', 'postact'] as const)('%s starts with branches of zero where asked to', async (variant) => {
    const options = { ...TINY, variant, zeroInitLastGamma: true } as const;
    const model = resnet({ ...options, outputs: 'probabilities' });
    const branches = model.layers.filter(({ name }) => name.endsWith(variant === 'preact' ? 'conv2' : 'norm2'));
    expect(branches).toHaveLength(3);
    for (const branch of branches) await expect(tf.sum(tf.abs(branch.getWeights()[0]!))).toBeAllClose(0);
    const output = model.predict(randomTensor([2, 8, 8, 3], 1)) as tf.Tensor;
    await expect(tf.sum(output, -1)).toBeAllClose([1, 1]);
    model.dispose();
  });

  it('starts from the same weights for the same seed, and has layers that differ', async () => {
    const [a, b, c] = [1, 1, 2].map((seed) => resnet({ ...TINY, seed }));
    const kernels = (model: LayersModel) =>
      model
        .getWeights()
        .filter(({ rank }) => rank > 1)
        .map((kernel) => kernel.dataSync().slice(0, 8).join());
    expect(kernels(a!)).toEqual(kernels(b!));
    expect(kernels(a!)).not.toEqual(kernels(c!));
    expect(new Set(kernels(a!)).size).toBe(kernels(a!).length);
  });

  it('pads both sides alike where asked to: the same function of odd sizes, another one of even sizes', async () => {
    const both = (options: Partial<ResnetOptions>, height: number, width: number) => {
      const x = randomTensor([2, height, width, 3], 1);
      return (['same', 'symmetric'] as const).map((padding) => {
        const model = resnet({ ...TINY, ...options, inputShape: [height, width, 3], padding });
        const output = model.predict(x) as tf.Tensor;
        model.dispose();
        return output;
      }) as [tf.Tensor, tf.Tensor];
    };
    const networks: Partial<ResnetOptions>[] = [
      { stem: 'imagenet' },
      { variant: 'preact', strides: [1, 1, [2, 1], 2] },
    ];
    for (const options of networks) {
      const [same, symmetric] = both(options, 33, 17);
      await expect(symmetric).toBeAllClose(same);
      const [one, another] = both(options, 32, 18);
      expect(tf.max(tf.abs(tf.sub(one, another))).dataSync()[0]).toBeGreaterThan(1e-3);
    }
  });

  it('hands padded convolutions to the factory with the zeros around them', () => {
    const seen: string[] = [];
    const conv: ConvFactory = (options) => {
      if (options.padding === 'valid') seen.push(options.name);
      return layers.conv2d(options);
    };
    const model = resnet({ ...TINY, inputShape: [16, 16, 3], stem: 'imagenet', padding: 'symmetric', conv });
    expect(seen).toEqual(['stem_conv', 'stage2_block1_conv1', 'stage3_block1_conv1']);
    const zeros = model.layers.filter((layer) => layer.getClassName() === 'ZeroPadding2D').map(({ name }) => name);
    expect(zeros).toEqual([
      'stem_conv_padding',
      'stem_max_pool_padding',
      'stage2_block1_conv1_padding',
      'stage3_block1_conv1_padding',
    ]);
    model.dispose();
  });

  it('normalizes by the options', () => {
    const model = resnet({ ...TINY, norm: { momentum: 0.5, epsilon: 0.25 } });
    const norms = model.layers.filter((layer) => layer instanceof BatchNorm);
    expect(norms).toHaveLength(7);
    for (const norm of norms) expect(norm.getConfig()).toMatchObject({ momentum: 0.5, epsilon: 0.25 });
  });
});

forEachBackend(() => {
  it.each<Partial<ResnetOptions>>([
    { variant: 'preact', shortcut: 'projection' },
    { variant: 'postact', shortcut: 'padding' },
    { variant: 'postact', shortcut: 'padding', strides: [1, 2, [2, 1], 1] },
    { variant: 'preact', depth: 50, widths: [2, 2, 2, 2, 2], strides: [1, 1, 2, 1, 1] },
  ])('gives logits, %j', async (options) => {
    const model = resnet({ ...TINY, ...options });
    const output = model.predict(randomTensor([2, 8, 8, 3], 1)) as tf.Tensor;
    expect(output.shape).toEqual([2, 3]);
    expect((await output.data()).every(Number.isFinite)).toBe(true);
    model.dispose();
  });

  it.each<Partial<ResnetOptions>>([
    { variant: 'preact', shortcut: 'projection' },
    { variant: 'postact', shortcut: 'padding', strides: [1, 1, 2, 3] },
    { padding: 'symmetric', stem: 'imagenet', strides: [1, 1, 2, 1] },
  ])('learns, %j', async (options) => {
    const model = resnet({ ...TINY, ...options });
    const images = randomTensor([6, 8, 8, 3], 1);
    const optimizer = tf.train.momentum(0.05, 0.9);
    const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
    const loss = () =>
      softmaxCrossEntropy([0, 1, 2, 0, 1, 2], model.apply(images, { training: true }) as tf.Tensor2D) as tf.Scalar;
    const losses = Array.from({ length: 12 }, () => optimizer.minimize(loss, true, variables)!);
    const [first, ...rest] = await Promise.all(losses.map(async (value) => (await value.data())[0]!));
    expect(rest.at(-1)!).toBeLessThan(first! / 2);
    model.dispose();
  });
});
