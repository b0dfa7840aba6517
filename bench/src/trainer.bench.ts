// One step of fit beside one of TF.js's own model.trainOnBatch, for the same ResNet-20 and the same recipe.
import { resnet20 } from '@stridelab/resnet';
import { openTestBackend } from '@stridelab/test-kit/backends';
import '@stridelab/resnet/register';
import { arrayData, fit } from '@stridelab/trainer';
import '@stridelab/wasm'; // without which nothing convolutional trains there
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { type Benchmark, markdownTable } from './harness.ts';
import { stockNetwork } from './stock-network.ts';

const BATCH = 2;
const SIDE = 8;
const L2 = 5e-4;
const RATE = 0.1;

/** What moves no data. */
const FREE = ['Reshape', 'Identity'];

function network(): tfl.LayersModel {
  return resnet20({ inputShape: [SIDE, SIDE, 3], classes: 10, seed: 1 });
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
  const model = await stockNetwork(network(), { l2: L2, outputs: 'probabilities' });
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
      await openTestBackend(backend);
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
