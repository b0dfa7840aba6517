import { expectNamedError, forEachBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { foldModel, PHCConv2D, PHMDense, PhcConvError } from './index.ts';
import { random } from './test-values.ts';

/** A model with a branch, a shared layer, a model inside, a wrapped layer, and a layer with state of its own. */
function branchedModel(): tfl.LayersModel {
  const input = tfl.input({ shape: [6, 6, 4] });
  const shared = new PHCConv2D({ n: 2, filters: 4, kernelSize: 3, padding: 'same', biasInitializer: 'ones' });
  const inner = tfl.sequential({
    layers: [
      new PHCConv2D({ n: 4, filters: 8, kernelSize: 1, inputShape: [6, 6, 4] }),
      tfl.layers.batchNormalization(),
    ],
  });
  const once = shared.apply(input) as tfl.SymbolicTensor;
  const twice = shared.apply(once) as tfl.SymbolicTensor;
  const both = tfl.layers.concatenate().apply([once, inner.apply(twice) as tfl.SymbolicTensor]);
  const rows = tfl.layers.reshape({ targetShape: [36, 12] }).apply(both) as tfl.SymbolicTensor;
  const wrapped = tfl.layers
    .timeDistributed({ layer: new PHMDense({ n: 3, units: 6, activation: 'relu' }) })
    .apply(rows);
  return tfl.model({ inputs: input, outputs: tfl.layers.dense({ units: 2 }).apply(wrapped) as tfl.SymbolicTensor });
}

const classNames = (layer: unknown): string[] => {
  const { layers = [], layer: inner } = layer as { layers?: tfl.layers.Layer[]; layer?: tfl.layers.Layer };
  const nested = inner ? [inner] : layers;
  return [(layer as tfl.layers.Layer).getClassName(), ...nested.flatMap(classNames)];
};

forEachBackend(() => {
  it.each([
    ['a branched model', branchedModel],
    [
      'a sequence',
      () => tfl.sequential({ layers: [new PHMDense({ n: 2, units: 4, inputDim: 6 }), tfl.layers.dense({ units: 3 })] }),
    ],
  ])('folds %s into plain layers of equal outputs', async (_, make) => {
    const model = make();
    const folded = foldModel(model);
    expect(classNames(folded).filter((name) => name.startsWith('PH'))).toEqual([]);
    expect(classNames(folded)).toHaveLength(classNames(model).length);
    const x = random([3, ...(model.inputs[0]!.shape.slice(1) as number[])], 1);
    const expected = model.predict(x) as tf.Tensor;
    await expect(folded.predict(x) as tf.Tensor).toBeAllClose(expected, { relative: 1e-5 });
    // Copies: the folded model outlives the other.
    model.dispose();
    await expect(folded.predict(x) as tf.Tensor).toBeAllClose(expected, { relative: 1e-5 });
  });

  it('makes nothing but the weights of the folded model', () => {
    const model = branchedModel();
    const before = tf.memory().numTensors;
    const folded = foldModel(model);
    expect(tf.memory().numTensors - before).toBe(folded.weights.length);
  });
});

it('refuses a model without weights yet', async () => {
  const model = tfl.sequential({ name: 'unbuilt' });
  await expectNamedError(
    () => foldModel(model),
    PhcConvError,
    "phc-conv.foldModel: model must be built, got 'unbuilt'",
  );
  await expectNamedError(() => foldModel(undefined as never), PhcConvError, /model must be built, got undefined$/);
});
