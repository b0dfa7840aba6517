// One step of training through every kind of layer: gradients and new state on wasm are those of cpu.
import './index.ts';
import { checkAdjoint, checkGradient, openTestBackend, randomValues } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { layers as L, type layers, sequential } from '@tensorflow/tfjs-layers';
import { afterEach, expect, it, vi } from 'vitest';

type Layer = ReturnType<typeof layers.dense> | layers.Layer;

const image = [9, 8, 6];
const vector = [10];
const sequence = [7, 5];

interface Case {
  make: () => Layer;
  inputs: number[][];
  integers?: number;
}

/** Layer, input shapes without the batch, and the integers of an embedding's input. */
const LAYERS: Record<string, Case> = {
  activation: { make: () => L.activation({ activation: 'swish' }), inputs: [image] },
  add: { make: () => L.add(), inputs: [image, image] },
  alphaDropout: { make: () => L.alphaDropout({ rate: 0.3 }), inputs: [image] },
  average: { make: () => L.average(), inputs: [image, image] },
  averagePooling1d: { make: () => L.averagePooling1d({ poolSize: 2 }), inputs: [sequence] },
  averagePooling2d: { make: () => L.averagePooling2d({ poolSize: 2 }), inputs: [image] },
  averagePooling3d: { make: () => L.averagePooling3d({ poolSize: 2 }), inputs: [[4, 5, 4, 3]] },
  batchNormalization: { make: () => L.batchNormalization(), inputs: [image] },
  'batchNormalization of vectors': { make: () => L.batchNormalization(), inputs: [vector] },
  bidirectional: {
    make: () => L.bidirectional({ layer: L.gru({ units: 3 }), mergeMode: 'concat' }),
    inputs: [sequence],
  },
  concatenate: { make: () => L.concatenate(), inputs: [image, image] },
  conv1d: { make: () => L.conv1d({ filters: 4, kernelSize: 3, strides: 2, padding: 'same' }), inputs: [sequence] },
  conv2d: { make: () => L.conv2d({ filters: 5, kernelSize: 3, strides: 2, padding: 'same' }), inputs: [image] },
  'conv2d with relu': { make: () => L.conv2d({ filters: 9, kernelSize: 3, activation: 'relu' }), inputs: [image] },
  conv2dTranspose: { make: () => L.conv2dTranspose({ filters: 4, kernelSize: 3, strides: 2 }), inputs: [image] },
  conv3d: { make: () => L.conv3d({ filters: 3, kernelSize: 2 }), inputs: [[4, 5, 4, 3]] },
  convLstm2d: { make: () => L.convLstm2d({ filters: 2, kernelSize: 3, padding: 'same' }), inputs: [[3, 5, 4, 2]] },
  cropping2D: { make: () => L.cropping2D({ cropping: [1, 2] }), inputs: [image] },
  dense: { make: () => L.dense({ units: 7, activation: 'tanh' }), inputs: [vector] },
  'dense of images': { make: () => L.dense({ units: 7 }), inputs: [image] },
  depthwiseConv2d: { make: () => L.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2 }), inputs: [image] },
  dot: { make: () => L.dot({ axes: 1 }), inputs: [sequence, sequence] },
  dropout: { make: () => L.dropout({ rate: 0.4 }), inputs: [image] },
  elu: { make: () => L.elu(), inputs: [image] },
  embedding: { make: () => L.embedding({ inputDim: 12, outputDim: 5 }), inputs: [[6]], integers: 12 },
  flatten: { make: () => L.flatten(), inputs: [image] },
  gaussianDropout: { make: () => L.gaussianDropout({ rate: 0.3 }), inputs: [image] },
  gaussianNoise: { make: () => L.gaussianNoise({ stddev: 0.5 }), inputs: [image] },
  globalAveragePooling1d: { make: () => L.globalAveragePooling1d(), inputs: [sequence] },
  globalAveragePooling2d: { make: () => L.globalAveragePooling2d({}), inputs: [image] },
  globalMaxPooling1d: { make: () => L.globalMaxPooling1d(), inputs: [sequence] },
  globalMaxPooling2d: { make: () => L.globalMaxPooling2d({}), inputs: [image] },
  gru: { make: () => L.gru({ units: 4, returnSequences: true }), inputs: [sequence] },
  layerNormalization: { make: () => L.layerNormalization(), inputs: [image] },
  leakyReLU: { make: () => L.leakyReLU(), inputs: [image] },
  lstm: { make: () => L.lstm({ units: 4 }), inputs: [sequence] },
  maximum: { make: () => L.maximum(), inputs: [image, image] },
  maxPooling1d: { make: () => L.maxPooling1d({ poolSize: 2 }), inputs: [sequence] },
  maxPooling2d: { make: () => L.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }), inputs: [image] },
  maxPooling3d: { make: () => L.maxPooling3d({ poolSize: 2 }), inputs: [[4, 5, 4, 3]] },
  minimum: { make: () => L.minimum(), inputs: [image, image] },
  multiply: { make: () => L.multiply(), inputs: [image, image] },
  permute: { make: () => L.permute({ dims: [3, 1, 2] }), inputs: [image] },
  prelu: { make: () => L.prelu(), inputs: [image] },
  reLU: { make: () => L.reLU({ maxValue: 6 }), inputs: [image] },
  repeatVector: { make: () => L.repeatVector({ n: 3 }), inputs: [vector] },
  rescaling: { make: () => L.rescaling({ scale: 0.5, offset: 1 }), inputs: [image] },
  reshape: { make: () => L.reshape({ targetShape: [12, 36] }), inputs: [image] },
  separableConv2d: { make: () => L.separableConv2d({ filters: 4, kernelSize: 3, padding: 'same' }), inputs: [image] },
  simpleRNN: { make: () => L.simpleRNN({ units: 4 }), inputs: [sequence] },
  softmax: { make: () => L.softmax(), inputs: [vector] },
  spatialDropout1d: { make: () => L.spatialDropout1d({ rate: 0.4 }), inputs: [sequence] },
  timeDistributed: { make: () => L.timeDistributed({ layer: L.dense({ units: 3 }) }), inputs: [sequence] },
  zeroPadding2d: {
    make: () =>
      L.zeroPadding2d({
        padding: [
          [1, 2],
          [0, 1],
        ],
      }),
    inputs: [image],
  },
};

/** Linear layers whose gradient cpu gets wrong: of batches of more than one image, or of images that are not square. */
const WRONG_ON_CPU: Record<string, Case> = {
  resizing: { make: () => L.resizing({ height: 5, width: 11 }), inputs: [image] },
  upSampling2d: { make: () => L.upSampling2d({ size: [2, 3] }), inputs: [image] },
  'upSampling2d, bilinear': {
    make: () => L.upSampling2d({ size: [2, 2], interpolation: 'bilinear' }),
    inputs: [image],
  },
};

/** Layers that TF.js cannot train on any backend: a gradient that it refuses, or does not have. */
const UNTRAINABLE: Record<string, Case & { why: string }> = {
  'conv1d, causal': {
    make: () => L.conv1d({ filters: 4, kernelSize: 3, padding: 'causal' }),
    inputs: [sequence],
    why: 'The support for CAUSAL padding mode in conv1dWithBias is not implemented yet.',
  },
  'conv2d, dilated': {
    make: () => L.conv2d({ filters: 4, kernelSize: 3, dilationRate: 2, activation: 'elu' }),
    inputs: [image],
    why: 'dilation rates greater than 1 are not yet supported in gradients',
  },
  conv3dTranspose: {
    make: () => L.conv3dTranspose({ filters: 2, kernelSize: 2 }),
    inputs: [[3, 4, 3, 2]],
    why: 'gradient function not found for Conv3DBackpropInputV2.',
  },
  masking: {
    make: () => L.masking({ maskValue: 0 }),
    inputs: [sequence],
    why: 'gradient function not found for Any.',
  },
  thresholdedReLU: {
    make: () => L.thresholdedReLU({ theta: 0.3 }),
    inputs: [image],
    why: 'gradient function not found for Greater.',
  },
  'batchNormalization of axis 1': {
    make: () => L.batchNormalization({ axis: 1 }),
    inputs: [image],
    why: 'Size(1296) must match the product of shape 1,9,1,1',
  },
};

/** Layers whose work has no gradient, or that TF.js has under two names. */
const WITHOUT_A_CASE = [
  'categoryEncoding',
  'centerCrop',
  'inputLayer',
  'input',
  'randomWidth',
  'rnn',
  'stackedRNNCells',
];

afterEach(() => vi.restoreAllMocks());

it('has a case for every layer of tfjs-layers', () => {
  const made = new Set(
    Object.keys({ ...LAYERS, ...WRONG_ON_CPU, ...UNTRAINABLE }).map((name) => name.split(/[, ]/)[0]!.toLowerCase()),
  );
  const isAlias = (name: string) => /Pool\dd$|^avgPooling/i.test(name);
  const missing = Object.keys(L).filter(
    (name) =>
      /^[a-z]/.test(name) &&
      !/Cell$/.test(name) &&
      !isAlias(name) &&
      !WITHOUT_A_CASE.includes(name) &&
      !made.has(name.toLowerCase()),
  );
  expect(missing).toEqual([]);
});

it.each(Object.entries(LAYERS))('%s', async (_, { make, inputs, integers }) => {
  const expected = await step('cpu', make, inputs, integers);
  const actual = await step('wasm', make, inputs, integers);
  expect(actual.length).toBe(expected.length);
  for (const [i, values] of actual.entries()) {
    await expect(values).toBeAllClose(expected[i]!, { relative: 1e-4, absolute: 1e-6 });
  }
});

it.each(Object.entries(WRONG_ON_CPU))('%s, against its own forward pass', async (_, { make, inputs }) => {
  await openTestBackend('wasm');
  const shape = [3, ...inputs[0]!];
  const x = tf.tensor(randomValues(tf.util.sizeFromShape(shape), 1), shape);
  const layer = make();
  await checkAdjoint((v) => layer.apply(v) as tf.Tensor, x);
});

it.each(Object.entries(UNTRAINABLE))('%s, which cpu cannot train either', async (_, { make, inputs, why }) => {
  await expect(step('cpu', make, inputs)).rejects.toThrow(why);
});

it('trains a dilated layer that has an activation, which no other backend does', async () => {
  await openTestBackend('wasm');
  const layer = L.conv2d({ filters: 4, kernelSize: 3, dilationRate: 2, activation: 'elu', kernelInitializer: 'ones' });
  const x = tf.tensor(randomValues(2 * 9 * 8 * 3, 1), [2, 9, 8, 3]);
  // A short step, because elu bends and a kernel of ones moves its input far.
  await checkGradient((v) => layer.apply(v) as tf.Tensor, [x], { step: 1e-3 });
});

/** Output, gradients of inputs and weights, and what the step left in the weights that are not trained. */
async function step(backend: 'cpu' | 'wasm', make: () => Layer, shapes: number[][], integers?: number) {
  await openTestBackend(backend);
  // Seeds of noise come from here.
  let seed = 0;
  vi.spyOn(Math, 'random').mockImplementation(() => (++seed * 0.618033988749) % 1);
  const layer = make();
  const xs = shapes.map((shape, i) => {
    const full = [3, ...shape];
    const values = randomValues(tf.util.sizeFromShape(full), i + 1);
    return integers
      ? tf.tensor(
          values.map((value) => Math.floor(Math.abs(value) * 100) % integers),
          full,
          'int32',
        )
      : tf.tensor(values, full);
  });
  const apply = (inputs: tf.Tensor[]) =>
    layer.apply(inputs.length === 1 ? inputs[0]! : inputs, { training: true }) as tf.Tensor;
  const first = apply(xs); // makes the weights
  layer.setWeights(
    layer.getWeights().map((weight, i) => {
      const values = randomValues(weight.size, 50 + i).map((value) =>
        layer.name.includes('norm') ? Math.abs(value) : value,
      );
      return tf.tensor(values, weight.shape);
    }),
  );
  seed = 0;
  const variables = layer.trainableWeights.map((weight) => (weight as unknown as { val: tf.Variable }).val);
  const inputs = integers ? [] : xs.map((x) => tf.variable(x));
  const upstream = tf.tensor(randomValues(first.size, 7), first.shape);
  const loss = () => tf.sum(tf.mul(apply(integers ? xs : inputs), upstream)) as tf.Scalar;
  const { value, grads } = tf.variableGrads(loss, [...inputs, ...variables]);
  const results = [value, ...[...inputs, ...variables].map(({ name }) => grads[name]!), ...layer.getWeights()];
  return Promise.all(results.map((tensor) => tensor.data()));
}

it('trains a small network as cpu does', async () => {
  const losses: number[][] = [];
  for (const backend of ['cpu', 'wasm'] as const) {
    await openTestBackend(backend);
    const seeded = (seed: number) => ({ kernelInitializer: { className: 'HeNormal', config: { seed } } }) as object;
    const model = sequential({
      layers: [
        L.conv2d({ inputShape: [8, 8, 3], filters: 6, kernelSize: 3, padding: 'same', ...seeded(1) }),
        L.batchNormalization(),
        L.reLU(),
        L.maxPooling2d({ poolSize: 2 }),
        L.separableConv2d({ filters: 8, kernelSize: 3, depthwiseInitializer: 'ones', pointwiseInitializer: 'ones' }),
        L.globalAveragePooling2d({}),
        L.dense({ units: 3, ...seeded(2) }),
      ],
    });
    model.compile({ optimizer: tf.train.sgd(0.01), loss: tf.losses.softmaxCrossEntropy as never });
    const x = tf.tensor(randomValues(6 * 8 * 8 * 3, 1), [6, 8, 8, 3]);
    const y = tf.oneHot(tf.tensor1d([0, 1, 2, 0, 1, 2], 'int32'), 3).toFloat();
    const run: number[] = [];
    run.push((await model.trainOnBatch(x, y)) as number);
    const { numTensors, numDataBuffers } = tf.memory();
    for (let i = 0; i < 4; i++) run.push((await model.trainOnBatch(x, y)) as number);
    expect(tf.memory()).toMatchObject({ numTensors, numDataBuffers });
    losses.push(run);
  }
  await expect(losses[1]!).toBeAllClose(losses[0]!, { relative: 1e-4 });
  expect(losses[0]![4]).toBeLessThan(losses[0]![0]!);
});
