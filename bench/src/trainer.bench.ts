// One step of fit beside one of TF.js's own model.trainOnBatch, for the same ResNet-20 and the same recipe.
import { resnet20 } from '@stridelab/resnet';
import '@stridelab/resnet/register';
import { arrayData, fit } from '@stridelab/trainer';
import '@stridelab/wasm'; // without which nothing convolutional trains there
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { type Benchmark, markdownTable, openBackend } from './harness.ts';

const BATCH = 2;
const SIDE = 8;
const L2 = 5e-4;
const RATE = 0.1;

/** What moves no data. */
const FREE = ['Reshape', 'Identity'];

function network(): tfl.LayersModel {
  return resnet20({ inputShape: [SIDE, SIDE, 3], classes: 10, seed: 1 });
}

interface LayerJson {
  name: string;
  class_name: string;
  config: Record<string, unknown>;
  inbound_nodes: unknown;
}

/** The same network out of tfjs-layers' own layers: batch normalization and ReLU apart, L2 as a regularizer of kernels. */
async function stockNetwork(): Promise<tfl.LayersModel> {
  const topology = JSON.parse(JSON.stringify(network().toJSON(undefined, false)));
  const layers = topology.config.layers as LayerJson[];
  topology.config.layers = layers.flatMap((layer) => {
    if (layer.class_name === 'Conv2D' || layer.class_name === 'Dense') {
      layer.config.kernel_regularizer = { class_name: 'L1L2', config: { l1: 0, l2: L2 } };
    }
    if (layer.name === layers.at(-1)!.name) layer.config.activation = 'softmax';
    if (layer.class_name !== 'BatchNorm') return [layer];
    const { activation, ...config } = layer.config;
    if (!activation) return [{ ...layer, class_name: 'BatchNormalization', config }];
    const name = `${layer.name}_norm`;
    return [
      { ...layer, name, class_name: 'BatchNormalization', config: { ...config, name } },
      {
        name: layer.name,
        class_name: 'Activation',
        config: { name: layer.name, activation },
        inbound_nodes: [[[name, 0, 0, {}]]],
      },
    ];
  });
  return await tfl.models.modelFromJSON({ modelTopology: topology } as never);
}

/** Kernels that run in `work`, and what they are. */
async function kernelsOf(work: () => Promise<unknown>): Promise<number> {
  const profile = await tf.profile(work as never);
  // The profile names op scopes too; a backend has kernels alone.
  return profile.kernels.filter(({ name }) => !FREE.includes(name) && tf.getKernel(name, tf.getBackend())).length;
}

const examples = (count: number) => ({
  images: new Float32Array(count * SIDE * SIDE * 3).map((_, i) => Math.sin(i)),
  labels: Array.from({ length: count }, (_, i) => i % 10),
  shape: [SIDE, SIDE, 3],
});

/** The trainer's step alone: what two batches cost more than one. */
async function ours(kind: 'sgd' | 'adam'): Promise<number> {
  const decay = { kind: 'l2', rate: L2 } as const;
  const steps = (count: number) =>
    kernelsOf(async () => {
      const data = arrayData({ ...examples(count * BATCH), batchSize: BATCH });
      await fit(network(), data, { epochs: 1, schedule: RATE, optimizer: { kind, decay }, labelSmoothing: 0.1 });
    });
  return (await steps(3)) - (await steps(2));
}

async function stock(kind: 'sgd' | 'adam'): Promise<number> {
  const model = await stockNetwork();
  const smoothed = (labels: tf.Tensor, given: tf.Tensor) =>
    tfl.metrics.categoricalCrossentropy(tf.add(tf.mul(labels, 0.9), 0.01), given);
  model.compile({
    optimizer: kind === 'sgd' ? tf.train.momentum(RATE, 0.9) : tf.train.adam(RATE),
    loss: smoothed,
    metrics: ['accuracy'],
  });
  const { images, labels, shape } = examples(BATCH);
  const x = tf.tensor(images, [BATCH, ...shape]);
  const y = tf.oneHot(tf.tensor1d(labels, 'int32'), 10).toFloat();
  await model.trainOnBatch(x, y); // optimizers make their slots in the first step
  return await kernelsOf(() => model.trainOnBatch(x, y) as Promise<unknown>);
}

const benchmark: Benchmark = {
  title: 'Kernels in one training step of ResNet-20, trainer and stock TF.js',
  async run({ backends, print }) {
    const table: string[][] = [];
    for (const backend of backends) {
      await openBackend(backend);
      for (const kind of ['sgd', 'adam'] as const) {
        const [own, plain] = [await ours(kind), await stock(kind)];
        const name = kind === 'sgd' ? 'SGD with momentum' : 'Adam';
        table.push([backend, name, String(own), String(plain), `${(plain / own).toFixed(1)}x`]);
      }
    }
    print(markdownTable(['backend', 'optimizer', 'trainer', 'stock', 'stock / trainer'], table));
  },
};

export default benchmark;
