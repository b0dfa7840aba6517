// What a step costs the processor: as it is and as a replay, on a device that takes commands and executes none. The device's
// own time, which is another matter, is left out that way.
import { DiffStride } from '@stridelab/diffstride';
import { requestDevice } from '@stridelab/gpu-device';
import { resnet18 } from '@stridelab/resnet';
import { FusedSgd, softmaxCrossEntropy } from '@stridelab/train-ops';
import { captureStep, registerWebgpuTraining } from '@stridelab/webgpu/training';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type Benchmark, markdownTable } from './harness.ts';

const BATCH = 2;
const REPLAYS = 50;
const STRIDES = [2, 2];

async function openNullDevice(): Promise<void> {
  const { create, globals } = await import('webgpu');
  Object.assign(globalThis, globals);
  const gpu = create(['backend=null', 'enable-dawn-features=allow_unsafe_apis']);
  Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
  const device = await requestDevice((await gpu.requestAdapter())!);
  const backend = new WebGPUBackend(device);
  tf.registerBackend('webgpu', () => backend);
  await tf.setBackend('webgpu');
}

/** Milliseconds until the call returns, with the device given time to take what it was handed. */
async function costOf(call: () => tf.Tensor, count: number): Promise<{ median: number; min: number }> {
  const samples: number[] = [];
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    call().dispose();
    samples.push(performance.now() - start);
    await new Promise((resolve) => setImmediate(resolve));
  }
  samples.sort((a, b) => a - b);
  return { median: samples[count >> 1]!, min: samples[0]! };
}

/** Strides that the host is told, as the trainer does it: a recorded step must not look at those on the device. */
function tell(model: LayersModel): void {
  for (const layer of model.layers) if (layer instanceof DiffStride) layer.followStrides(STRIDES);
}

async function rowOf(name: string, model: LayersModel, rounds: number): Promise<string[]> {
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const optimizer = new FusedSgd({ learningRate: 0.1, weightDecay: 5e-4 });
  const step = (images: tf.Tensor, labels: tf.Tensor, rate: tf.Tensor) => {
    optimizer.learningRate = rate as tf.Scalar;
    const { value, grads } = tf.variableGrads(() => {
      const logits = model.apply(images, { training: true }) as tf.Tensor2D;
      return softmaxCrossEntropy(labels as tf.Tensor2D, logits) as tf.Scalar;
    }, variables);
    optimizer.applyGradients(grads);
    tf.dispose(grads);
    return value as tf.Tensor;
  };
  const captured = captureStep(step);
  const inputs = [tf.ones([BATCH, 32, 32, 3]), tf.ones([BATCH, 10]), tf.scalar(0.1)] as const;
  tf.dispose(tf.tidy(() => step(...inputs))); // makes the layers' variables
  tell(model);
  const plain = await costOf(() => tf.tidy(() => step(...inputs)), Math.min(rounds, 9));
  for (let i = 0; i < 5; i++) captured(...inputs).dispose();
  const replay = await costOf(() => captured(...inputs), REPLAYS);
  const { dispatches, bytes } = captured.statistics;
  captured.dispose();
  const numbers = [plain.median, replay.median, replay.min].map((ms) => ms.toFixed(2));
  return [
    name,
    `${dispatches}`,
    ...numbers,
    `1/${(plain.median / replay.median).toFixed(0)}`,
    (bytes / 1e6).toFixed(0),
  ];
}

const benchmark: Benchmark = {
  title: 'Processor time of a training step on WebGPU: ResNet-18, batch 2 of 32x32x3',
  async run({ rounds, print }) {
    registerWebgpuTraining();
    await openNullDevice();
    const shape: Parameters<typeof resnet18>[0] = { stem: 'cifar', inputShape: [32, 32, 3], classes: 10, seed: 1 };
    const strided = resnet18(shape);
    const learned = resnet18({ ...shape, downsample: (args) => new DiffStride(args) });
    const rows = [await rowOf('strided', strided, rounds), await rowOf('DiffStride', learned, rounds)];
    const times = ['kernel by kernel, ms', 'replayed, median', 'replayed, least'];
    print(markdownTable(['pooling', 'dispatches', ...times, 'ratio of medians', 'MB of the recording'], rows));
  },
};

export default benchmark;
