// For tests: a small ResNet with DiffStride that learns something in a few steps, the same on every backend.
import { DiffStride } from '@stridelab/diffstride';
import { resnet } from '@stridelab/resnet';
import { openTestBackend, randomValues } from '@stridelab/test-kit';
import { FusedSgd, softmaxCrossEntropy } from '@stridelab/train-ops';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/** As many steps as are asked for on a GPU, and as many as a GPU in software does in seconds elsewhere. */
export const steps = (onGpu: number, inSoftware: number) => (process.env.STRIDELAB_GPU === '1' ? onGpu : inSoftware);

const SIDE = 8;
const CLASSES = 4;
const BATCH = 4;
const BATCHES = 6;

export interface SmallTraining {
  model: LayersModel;
  /** Batches in turn. */
  batch(step: number): { images: tf.Tensor4D; labels: tf.Tensor2D };
  /** Moves the weights; the loss is the caller's. */
  update(images: tf.Tensor4D, labels: tf.Tensor2D): tf.Scalar;
  dispose(): void;
}

function network(): LayersModel {
  return resnet({
    depth: 8,
    inputShape: [SIDE, SIDE, 3],
    classes: CLASSES,
    widths: [4, 4, 8, 8],
    strides: [1, 1, 2, 2],
    downsample: (options, { stage }) => (stage > 1 ? new DiffStride({ ...options, smoothnessFactor: 2 }) : undefined),
  });
}

/** Waves whose direction is the class, under noise: (BATCH, SIDE, SIDE, 3) and (BATCH, CLASSES). */
function valuesOf(index: number): { images: Float32Array; labels: Float32Array } {
  const images = randomValues(BATCH * SIDE * SIDE * 3, 100 + index);
  const labels = new Float32Array(BATCH * CLASSES);
  for (let n = 0; n < BATCH; n++) {
    const kind = (n + index) % CLASSES;
    labels[n * CLASSES + kind] = 1;
    const angle = (Math.PI * kind) / CLASSES;
    for (let i = 0; i < SIDE * SIDE * 3; i++) {
      const [y, x] = [Math.floor(i / 3 / SIDE), Math.floor(i / 3) % SIDE];
      images[n * SIDE * SIDE * 3 + i]! += 2 * Math.sin(x * Math.cos(angle) + y * Math.sin(angle));
    }
  }
  return { images, labels };
}

/** Weights from a seed; each then off by `perturbation` of itself, at random. */
function setWeights(model: LayersModel, perturbation: number, seed: number): void {
  for (const [i, weight] of model.weights.entries()) {
    const current = weight.read();
    const [height = 1, width = 1, channels = 1] = current.shape;
    const kernel = current.rank > 1;
    // Kernels as He et al. start them; everything else, such as strides, as its layer does.
    const spread = Math.sqrt(2 / (current.rank === 4 ? height * width * channels : height));
    const start = kernel ? randomValues(current.size, i).map((value) => value * spread) : startOf(weight.originalName);
    const noise = randomValues(current.size, 1000 * (seed + 1) + i);
    const values = noise.map(
      (value, j) => (typeof start === 'number' ? start : start[j]!) * (1 + perturbation * value),
    );
    tf.tidy(() => (weight.write as (values: tf.Tensor) => void)(tf.tensor(values, current.shape)));
  }
}

/** Of weights that are no kernels. */
function startOf(name: string): number {
  if (/strides/.test(name)) return 1.7;
  return /gamma|variance/.test(name) ? 1 : 0;
}

/** On the backend that is current. */
export function smallTraining({ perturbation = 0, seed = 0 } = {}): SmallTraining {
  const model = network();
  setWeights(model, perturbation, seed);
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const optimizer = new FusedSgd({ learningRate: 0.02, momentum: 0.9 });
  const data = Array.from({ length: BATCHES }, (_, index) => {
    const { images, labels } = valuesOf(index);
    return {
      images: tf.tensor4d(images, [BATCH, SIDE, SIDE, 3]),
      labels: tf.tensor2d(labels, [BATCH, CLASSES]),
    };
  });
  return {
    model,
    batch: (step) => data[step % BATCHES]!,
    update: (images, labels) =>
      tf.tidy(() => {
        const { value, grads } = tf.variableGrads(() => {
          const logits = model.apply(images, { training: true }) as tf.Tensor2D;
          return softmaxCrossEntropy(labels, logits) as tf.Scalar;
        }, variables);
        optimizer.applyGradients(grads);
        return value;
      }),
    dispose() {
      tf.dispose(data);
      optimizer.dispose();
      model.dispose();
    },
  };
}

interface CurveOptions {
  backend: 'cpu' | 'webgpu';
  steps: number;
  perturbation?: number;
  seed?: number;
}

/** The loss of every step. */
export async function lossCurve({ backend, steps: count, ...start }: CurveOptions): Promise<number[]> {
  await openTestBackend(backend);
  const training = smallTraining(start);
  const losses: number[] = [];
  for (let i = 0; i < count; i++) {
    const { images, labels } = training.batch(i);
    const loss = training.update(images, labels);
    losses.push((await loss.data())[0]!);
    loss.dispose();
    await turn(); // DiffStride reads its strides when the program has nothing to do
  }
  training.dispose();
  return losses;
}

export const turn = () => new Promise<void>((resolve) => setTimeout(resolve));
