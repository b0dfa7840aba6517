import { expectNamedError, expectNoLeak, forEachBackend, randomValues } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { DiffStride, DiffStride1D } from './diff-stride-layer.ts';
import { DiffStrideError } from './errors.ts';
import { StrideRegularizer } from './stride-regularizer.ts';

function builtLayers() {
  const layers = [new DiffStride({ strides: [2, 1.5] }), new DiffStride({ strides: 3, sharedStride: true })];
  for (const layer of layers) layer.build([null, 32, 32, 1]);
  const line = new DiffStride1D({ strides: 1.6 });
  line.build([null, 32, 1]);
  return [...layers, line];
}

forEachBackend(() => {
  it('is lambda * sum_l prod_{i <= l} 1 / (S_h S_w), with its gradient', async () => {
    const layers = builtLayers();
    const regularizer = new StrideRegularizer({ lambda: 0.25, layers });
    const expected = 0.25 * (1 / 3 + 1 / 27 + 1 / 27 / 1.6);
    await expect(regularizer.apply()).toBeAllClose([expected], { relative: 1e-6 });
    const variables = layers.map((layer) => layer.strides);
    const { grads } = tf.variableGrads(() => regularizer.apply(), variables);
    const slopes = variables.map((variable) => grads[variable.name]!);
    const [second, third] = [0.25 / 27, 0.25 / 27 / 1.6];
    const first = 0.25 / 3 + second + third;
    await expect(slopes[0]!).toBeAllClose([-first / 2, -first / 1.5]);
    await expect(slopes[1]!).toBeAllClose([(-2 * (second + third)) / 3]);
    await expect(slopes[2]!).toBeAllClose([-third / 1.6]);
    expectNoLeak(() => regularizer.apply());
  });

  it('adds itself to the loss of a model, and pushes strides up', async () => {
    const layer = new DiffStride({ strides: 2, inputShape: [16, 16, 1] });
    const model = tfl.sequential({ layers: [layer, tfl.layers.globalAveragePooling2d({})] });
    const regularizer = StrideRegularizer.ofModel(model, 4).attach();
    expect(regularizer.layers).toEqual([layer]);
    model.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError' });
    const x = tf.tensor4d(randomValues(4 * 256, 1), [4, 16, 16, 1]);
    const y = model.predict(x) as tf.Tensor; // a loss of zero but for the penalty
    const history = await model.fit(x, y, { epochs: 1, batchSize: 4, verbose: 0, shuffle: false });
    expect(Number(history.history.loss![0])).toBeCloseTo(1, 4);
    for (const stride of await layer.readStrides()) expect(stride).toBeGreaterThan(2.04);
  });
});

forEachBackend(() => {
  it('counts once, with a layer that both branches of a block share, and in a model within the model', async () => {
    const pool = new DiffStride({ strides: 2 });
    const image = tfl.input({ shape: [16, 16, 1] });
    const branches = [pool.apply(image), pool.apply(image)] as tfl.SymbolicTensor[];
    const block = tfl.model({ inputs: image, outputs: tfl.layers.add().apply(branches) as tfl.SymbolicTensor });
    const input = tfl.input({ shape: [16, 16, 1] });
    const last = new DiffStride({ strides: 4 });
    const map = last.apply(block.apply(input) as tfl.SymbolicTensor);
    const output = tfl.layers.globalAveragePooling2d({}).apply(map) as tfl.SymbolicTensor;
    const model = tfl.model({ inputs: input, outputs: output });
    const regularizer = StrideRegularizer.ofModel(model, 4).attach();
    expect(regularizer.layers).toEqual([pool, last]);
    model.compile({ optimizer: tf.train.sgd(0), loss: 'meanSquaredError' });
    const x = tf.tensor4d(randomValues(2 * 256, 1), [2, 16, 16, 1]);
    const y = model.predict(x) as tf.Tensor;
    for (let step = 0; step < 2; step++) expect(await model.trainOnBatch(x, y)).toBeCloseTo(1 + 1 / 16, 4);
  });
}, ['cpu']);

it('names what is wrong', async () => {
  const prefix = 'diffstride.StrideRegularizer:';
  const layers = builtLayers();
  await expectNamedError(
    () => new StrideRegularizer({ lambda: -1, layers }),
    DiffStrideError,
    `${prefix} lambda must be a number >= 0, got -1`,
  );
  await expectNamedError(
    () => new StrideRegularizer(null as never),
    DiffStrideError,
    `${prefix} options must be some of {lambda, layers}, got null`,
  );
  await expectNamedError(
    () => new StrideRegularizer({ lamda: 1, layers: 'all' } as never),
    DiffStrideError,
    `${prefix} options must be some of {lambda, layers}, got {lamda: 1, layers: 'all'}`,
  );
  await expectNamedError(
    () => new StrideRegularizer({ lambda: 1, layers: null as never }),
    DiffStrideError,
    `${prefix} there must be a layer to regularize, got null`,
  );
  await expectNamedError(
    () => StrideRegularizer.ofModel(null as never, 1),
    DiffStrideError,
    'diffstride.StrideRegularizer.ofModel: model must be a tf.LayersModel, got null',
  );
  await expectNamedError(
    () => new StrideRegularizer({ lambda: 1, layers: [] }),
    DiffStrideError,
    `${prefix} there must be a layer to regularize, got []`,
  );
  await expectNamedError(
    () => new StrideRegularizer({ lambda: 1, layers: [new DiffStride({ name: 'pool' })] }).apply(),
    DiffStrideError,
    "diffstride.DiffStride: a layer has strides once it is built, got 'pool'",
  );
});
