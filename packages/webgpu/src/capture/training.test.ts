// Whole training steps: recorded and replayed, and as they are, from the same weights.
import '../index.ts';
import { DiffStride } from '@stridelab/diffstride';
import { type ResnetOptions, resnet } from '@stridelab/resnet';
import { openTestBackend, randomValues } from '@stridelab/test-kit';
import { takeGpuErrors } from '@stridelab/test-kit/backends';
import { FusedAdam, type FusedOptimizer, FusedSgd, softmaxCrossEntropy } from '@stridelab/train-ops';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { internalsOf } from '../gpu/backend.ts';
import { captureStep } from './capture-step.ts';

beforeAll(() => openTestBackend('webgpu'));

const SIZE = 4;
const STEPS = 8;

const SMALL = { depth: 8, widths: [2, 2, 3, 4], inputShape: [8, 8, 3], classes: 3 } satisfies ResnetOptions;
const LEARNED = {
  ...{ ...SMALL, variant: 'preact', stem: 'cifar', shortcut: 'projection', strides: [1, 1, 1.5, 1.5] },
  // A layer that reads its strides within the step would not do.
  downsample: (options) => {
    const layer = new DiffStride({ ...options, smoothnessFactor: 2 });
    const build = layer.build.bind(layer);
    layer.build = (shape) => {
      build(shape);
      layer.followStrides([options.strides[0], options.strides[1]]);
    };
    return layer;
  },
} satisfies ResnetOptions;
const models: [string, () => LayersModel][] = [
  ['strided', () => resnet(SMALL)],
  ['DiffStride', () => resnet(LEARNED)],
];

/** Weights, moving statistics and losses of a training, as bits. */
async function train(model: LayersModel, optimizer: FusedOptimizer, wrap: typeof captureStep) {
  for (const [i, weight] of model.getWeights().entries()) {
    const values = randomValues(weight.size, i).map((value) => 1 + 0.1 * value);
    if (weight.rank > 1)
      tf.tidy(() =>
        (model.weights[i]!.write as (t: tf.Tensor) => void)(
          tf.tensor(
            values.map((v) => v - 1),
            weight.shape,
          ),
        ),
      );
  }
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const step = (images: tf.Tensor, labels: tf.Tensor, rate: tf.Tensor, count: tf.Tensor) => {
    optimizer.learningRate = rate as tf.Scalar;
    optimizer.step = count as tf.Scalar;
    let logits: tf.Tensor;
    const { value, grads } = tf.variableGrads(() => {
      logits = tf.keep(model.apply(images, { training: true }) as tf.Tensor);
      return softmaxCrossEntropy(labels as tf.Tensor2D, logits as tf.Tensor2D) as tf.Scalar;
    }, variables);
    optimizer.applyGradients(grads);
    tf.dispose(grads);
    return { loss: value, logits: logits! };
  };
  const captured = wrap(step as never) as unknown as typeof step & ReturnType<typeof captureStep>;
  const losses = [];
  for (let i = 0; i < STEPS; i++) {
    const inputs = [
      tf.tensor(randomValues(SIZE * 8 * 8 * 3, i), [SIZE, 8, 8, 3]),
      tf.tensor2d(randomValues(SIZE * 3, 100 + i).map(Math.abs), [SIZE, 3]),
      tf.scalar(0.1 / (1 + i)),
      tf.scalar(i + 1),
    ] as const;
    // Of numbers that lie on the host TF.js computes there, in float64, what it would compute on the device otherwise.
    for (const { dataId } of inputs) internalsOf(tf.backend()).uploadToGPU(dataId);
    const { loss, logits } = captured(...inputs);
    losses.push(await loss.data(), await logits.data());
    tf.dispose([loss, logits, ...inputs]);
  }
  const weights = await Promise.all(model.getWeights().map((weight) => weight.data()));
  const { slots } = await optimizer.exportState();
  const bits = [...losses, ...weights, ...Object.values(slots)].map((values) => [
    ...new Uint32Array(Float32Array.from(values as Float32Array).buffer),
  ]);
  return { bits, statistics: captured.statistics };
}

const optimizers: [string, () => FusedOptimizer][] = [
  ['SGD with momentum', () => new FusedSgd({ learningRate: 0 })],
  ['Adam', () => new FusedAdam({ learningRate: 0 })],
];

describe.each(models)('a ResNet with %s layers', (_, make) => {
  it.each(optimizers)('ends with the same bits: %s', async (__, optimizer) => {
    const plain = await train(make(), optimizer(), ((step: unknown) => step) as never);
    const recorded = await train(make(), optimizer(), captureStep);
    expect(recorded.statistics.replays).toBeGreaterThanOrEqual(STEPS - 4);
    expect(recorded.bits).toEqual(plain.bits);
    expect(await takeGpuErrors()).toEqual([]);
  });
});
