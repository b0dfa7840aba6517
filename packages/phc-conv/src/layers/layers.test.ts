// What holds for every layer of the package: it is its plain layer with another kernel.
import { expectNamedError, expectNoLeak, forEachBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import {
  foldModel,
  PHCConv1D,
  PHCConv2D,
  PHCConv2DTranspose,
  PHCConv3D,
  type PHCConvArgs,
  PHMDense,
  PhcConvError,
  parameterCount,
} from '../index.ts';
import { random } from '../test-values.ts';
import type { PhcLayer } from './phc-layer.ts';

const conv: PHCConvArgs = { n: 2, filters: 4, kernelSize: 3 };
const dense = { n: 2, units: 4 };

interface Case {
  name: string;
  make(): PhcLayer;
  shape: number[];
  /** Of the plain layer: (...spatial, in, out), or out before in. */
  kernelShape: number[];
}

const CASES: Case[] = [
  {
    name: 'PHCConv1D',
    make: () => new PHCConv1D({ ...conv, strides: 2, activation: 'relu' }),
    shape: [9, 6],
    kernelShape: [3, 6, 4],
  },
  {
    name: 'PHCConv1D dilated',
    make: () => new PHCConv1D({ ...conv, dilationRate: 2, padding: 'same' }),
    shape: [9, 6],
    kernelShape: [3, 6, 4],
  },
  {
    name: 'PHCConv2D',
    make: () => new PHCConv2D({ ...conv, n: 4, padding: 'same', activation: 'tanh' }),
    shape: [5, 6, 8],
    kernelShape: [3, 3, 8, 4],
  },
  {
    name: 'PHCConv2D without bias',
    make: () => new PHCConv2D({ ...conv, useBias: false, kernelSize: [1, 2] }),
    shape: [5, 6, 2],
    kernelShape: [1, 2, 2, 4],
  },
  {
    name: 'PHCConv2D of channels first',
    make: () => new PHCConv2D({ ...conv, strides: [2, 1], dataFormat: 'channelsFirst' }),
    shape: [2, 5, 6],
    kernelShape: [3, 3, 2, 4],
  },
  {
    name: 'PHCConv2D dilated',
    make: () => new PHCConv2D({ ...conv, dilationRate: [2, 1], biasInitializer: 'ones' }),
    shape: [7, 6, 2],
    kernelShape: [3, 3, 2, 4],
  },
  {
    name: 'PHCConv3D',
    make: () => new PHCConv3D({ ...conv, kernelSize: 2, strides: 2 }),
    shape: [4, 5, 4, 2],
    kernelShape: [2, 2, 2, 2, 4],
  },
  {
    name: 'PHCConv3D of channels first',
    make: () => new PHCConv3D({ ...conv, kernelSize: [1, 2, 3], dataFormat: 'channelsFirst', activation: 'elu' }),
    shape: [2, 4, 5, 4],
    kernelShape: [1, 2, 3, 2, 4],
  },
  {
    name: 'PHCConv2DTranspose',
    make: () => new PHCConv2DTranspose({ ...conv, strides: 2, padding: 'same' }),
    shape: [4, 3, 6],
    kernelShape: [3, 3, 4, 6],
  },
  {
    name: 'PHCConv2DTranspose of channels first',
    make: () => new PHCConv2DTranspose({ ...conv, strides: 2, dataFormat: 'channelsFirst' }),
    shape: [6, 4, 3],
    kernelShape: [3, 3, 4, 6],
  },
  { name: 'PHMDense', make: () => new PHMDense({ ...dense, activation: 'sigmoid' }), shape: [6], kernelShape: [6, 4] },
  { name: 'PHMDense over sequences', make: () => new PHMDense({ ...dense, n: 1 }), shape: [3, 5], kernelShape: [5, 4] },
];

const modelOf = (layer: tfl.layers.Layer, shape: number[]) => {
  const input = tfl.input({ shape });
  return tfl.model({ inputs: input, outputs: layer.apply(input) as tfl.SymbolicTensor });
};

forEachBackend(() => {
  describe.each(CASES)('$name', ({ make, shape, kernelShape }) => {
    it('predicts what its plain layer does with the folded kernel, and folds into it', async () => {
      const layer = make();
      const model = modelOf(layer, shape);
      // A bias of zeros would hide one that is not added.
      layer.setWeights(layer.getWeights().map((weight, i) => random(weight.shape, i + 1)));
      expect(layer.foldKernel().shape).toEqual(kernelShape);
      const folded = foldModel(model);
      expect(folded.layers.map((plain) => plain.getClassName())).not.toContain(layer.getClassName());
      const x = random([2, ...shape], 9);
      const [y, plain] = [model.predict(x), folded.predict(x)] as [tf.Tensor, tf.Tensor];
      expect(y.shape.slice(1)).toEqual(model.outputs[0]!.shape.slice(1));
      await expect(y).toBeAllClose(plain, { relative: 1e-5 });
    });

    it('comes back from its configuration', () => {
      const layer = make();
      const model = modelOf(layer, shape);
      const config = layer.getConfig();
      const again = new (layer.constructor as new (args: tf.serialization.ConfigDict) => PhcLayer)(
        structuredClone(config),
      );
      expect(again.getConfig()).toEqual(config);
      again.build([null, ...shape]);
      expect(again.getWeights().map((weight) => weight.shape)).toEqual(
        layer.getWeights().map((weight) => weight.shape),
      );
      model.dispose();
    });

    it('has the parameters that parameterCount says', () => {
      const layer = make();
      modelOf(layer, shape);
      const [first, second] = kernelShape.slice(-2) as [number, number];
      const size = {
        n: layer.n,
        filters: first,
        channels: second,
        kernelSize: kernelShape.slice(0, -2),
        useBias: false,
      };
      const bias = layer.getConfig().useBias ? 4 : 0;
      expect(layer.countParams()).toBe(parameterCount(size) + bias);
    });

    it('trains every weight without leaving tensors behind', async () => {
      const model = modelOf(make(), shape);
      model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
      const [x, y] = [random([4, ...shape], 1), random([4, ...(model.outputs[0]!.shape.slice(1) as number[])], 2)];
      const start = await Promise.all(model.getWeights().map((weight) => weight.data().then((values) => [...values])));
      await model.trainOnBatch(x, y);
      const before = tf.memory().numTensors;
      await model.trainOnBatch(x, y);
      expect(tf.memory().numTensors).toBe(before);
      for (const [i, weight] of model.getWeights().entries())
        await expect(weight).not.toBeAllClose(start[i]!, { relative: 1e-7 });
      expectNoLeak(() => model.predict(x));
    });
  });

  it('keeps a fixed algebra fixed', async () => {
    const layer = new PHCConv2D({ ...conv, n: 4, algebraInitializer: 'quaternion', trainableAlgebra: false });
    const model = modelOf(layer, [5, 5, 4]);
    expect(layer.trainableWeights.map(({ shape }) => shape)).toEqual([[4, 3, 3, 1, 1], [4]]);
    const rule = await layer.getWeights().at(-1)!.data();
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    await model.trainOnBatch(random([2, 5, 5, 4], 1), random([2, 3, 3, 4], 2));
    expect(await layer.getWeights().at(-1)!.data()).toEqual(rule);
  });

  it('draws its parameters anew, and the same ones from the same seeds', async () => {
    const kernelInitializer = tfl.initializers.heNormal({ seed: 3 });
    const layer = new PHMDense({ ...dense, algebraSeed: 1, kernelInitializer });
    layer.build([null, 6]);
    const drawn = layer.getWeights().map((weight) => weight.clone());
    layer.setWeights(drawn.map((weight) => tf.zerosLike(weight)));
    layer.resetParameters();
    for (const [i, weight] of layer.getWeights().entries()) await expect(weight).toBeAllClose(drawn[i]!);
    expectNoLeak(() => layer.resetParameters());
  });
});

it('shows its parameters in the summary', () => {
  const model = modelOf(new PHCConv2D({ n: 4, filters: 64, kernelSize: 3 }), [8, 8, 64]);
  const lines: string[] = [];
  model.summary(undefined, undefined, (line) => lines.push(String(line)));
  const count = parameterCount({ n: 4, filters: 64, channels: 64, kernelSize: 3 });
  expect(count).toBe(9344);
  expect(lines.find((line) => line.includes('PHCConv2D'))).toMatch(/ 9344\s*$/);
});

it('counts penalties of weights and algebra in the loss', async () => {
  const regularizer = tfl.regularizers.l2({ l2: 0.5 });
  const layer = new PHMDense({
    ...dense,
    kernelRegularizer: regularizer,
    algebraRegularizer: regularizer,
    useBias: false,
  });
  const model = modelOf(layer, [6]);
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  const x = tf.zeros([1, 6]);
  const squares = tf.addN(layer.getWeights().map((weight) => tf.sum(tf.square(weight))));
  await expect([(await model.trainOnBatch(x, tf.zeros([1, 4]))) as number]).toBeAllClose([
    0.5 * (await squares.data())[0]!,
  ]);
});

it('takes null for an option that is not given, as its plain layer does', () => {
  const options = { padding: null, dataFormat: null, activation: null, strides: null } as never as PHCConvArgs;
  const layer = new PHCConv2D({ ...conv, ...options, name: 'layer' });
  expect(layer.getConfig()).toEqual(new PHCConv2D({ ...conv, name: 'layer' }).getConfig());
  expect((layer.apply(tf.ones([1, 5, 5, 2])) as tf.Tensor).shape).toEqual([1, 3, 3, 4]);
});

it('takes initializers and constraints of tfjs-layers for its algebra', async () => {
  const algebraInitializer = tfl.initializers.constant({ value: 0.5 });
  const layer = new PHMDense({ ...dense, algebraInitializer, algebraConstraint: 'nonNeg' });
  layer.build([null, 6]);
  await expect(layer.getWeights()[0]!).toBeAllClose(tf.fill([2, 2, 2], 0.5));
  expect(layer.getConfig()).toMatchObject({
    algebraInitializer: { className: 'Constant', config: { value: 0.5 } },
    algebraConstraint: { className: 'NonNeg' },
  });
});

describe('refuses', () => {
  it.each([
    [() => new PHCConv2D({ ...conv, n: 0 }), 'PHCConv2D: n must be an integer >= 1, got 0'],
    [
      () => new PHCConv2D({ ...conv, n: 3 }),
      'PHCConv2D: output channels must be a multiple of n = 3 (nearest: 3 and 6), got 4',
    ],
    [
      () => new PHMDense({ n: 4, units: 2 }),
      'PHMDense: output channels must be a multiple of n = 4 (nearest: 4), got 2',
    ],
    [
      () => new PHCConv1D(conv).apply(tfl.input({ shape: [8, 5] })),
      'PHCConv1D: input channels must be a multiple of n = 2 (nearest: 4 and 6), got 5',
    ],
    [() => new PHCConv2D(conv).apply(tfl.input({ shape: [8, 4] })), 'PHCConv2D: x must have rank 4, got [null, 8, 4]'],
    [
      () => new PHCConv2D(conv).apply(tfl.input({ shape: [8, 8, null] })),
      'PHCConv2D: input channels must be known, got [null, 8, 8, null]',
    ],
    [() => new PHCConv1D({ ...conv, padding: 'causal' }), "PHCConv1D: padding must be 'same' or 'valid', got 'causal'"],
    [
      () => new PHCConv2D({ ...conv, algebraInitializer: 'quaternion' }),
      "PHCConv2D: rule 'quaternion' must have n = 4, got 2",
    ],
    [
      () => new PHMDense({ ...dense, algebraInitializer: 'octonion' }),
      "PHMDense: rule must be one of glorotUniform, real, complex, quaternion, tessarine, cliffordRandom, got 'octonion'",
    ],
    [
      () => new PHCConv2DTranspose({ ...conv, stride: 2 } as never),
      /^phc-conv.PHCConv2DTranspose: options must be some of {filters, kernelSize, strides, .*, biasConstraint}, got {.*stride: 2}$/,
    ],
    [
      () => new PHMDense({ ...dense, regularizer: 'l1l2' } as never),
      /^phc-conv.PHMDense: options must be some of {units, inputDim, n, .*, biasConstraint}, got {.*regularizer: 'l1l2'}$/,
    ],
    [() => new PHMDense(dense).foldKernel(), /^phc-conv.PHMDense: foldKernel wants a built layer, got 'phm_dense/],
  ])('%s', async (action, message) => {
    const before = tf.memory().numTensors;
    await expectNamedError(action, PhcConvError, typeof message === 'string' ? `phc-conv.${message}` : message);
    expect(tf.memory().numTensors).toBe(before);
  });
});
