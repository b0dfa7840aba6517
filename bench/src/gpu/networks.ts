// The peer's network and step, in ours: ResNet-18 with pre-activation and a CIFAR stem, SGD with momentum and L2.
import { DiffStride } from '@stridelab/diffstride';
import { resnet } from '@stridelab/resnet';
import { FusedSgd, softmaxCrossEntropy } from '@stridelab/train-ops';
import { captureStep } from '@stridelab/webgpu';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

export interface Size {
  depth: number;
  batch: number;
  side: number;
  widths: number[];
  strides: number[];
}

const FULL: Size = { depth: 18, batch: 128, side: 32, widths: [64, 64, 128, 256, 512], strides: [1, 1, 2, 2, 2] };
const TINY: Size = { depth: 8, batch: 2, side: 16, widths: [4, 4, 8, 8], strides: [1, 1, 2, 2] };

export const sizeFor = ({ tiny }: { tiny: boolean }): Size => (tiny ? TINY : FULL);

const CLASSES = 10;

export function network(kind: 'strided' | 'diffstride', { depth, side, widths, strides }: Size): LayersModel {
  return resnet({
    depth,
    variant: 'preact',
    stem: 'cifar',
    shortcut: 'projection',
    inputShape: [side, side, 3],
    classes: CLASSES,
    widths,
    strides,
    seed: 1,
    // The peer's first stage has no pooling: its shortcut is the identity.
    ...(kind === 'diffstride' && {
      downsample: (options, { stage }) => (stage === 1 ? undefined : new DiffStride(options)),
    }),
  });
}

export interface Training {
  model: LayersModel;
  images: tf.Tensor4D;
  labels: tf.Tensor2D;
  optimizer: tf.Optimizer;
  /** Moves the weights once; returns the loss. */
  step(images: tf.Tensor4D, labels: tf.Tensor2D): tf.Scalar;
  dispose(): void;
}

export interface Recipe {
  optimizer: tf.Optimizer;
  loss(labels: tf.Tensor2D, logits: tf.Tensor2D): tf.Scalar;
}

/** L2: the gradient gets this much of each weight. Keras's `l2` is half of it. */
export const WEIGHT_DECAY = 5e-4;

export const ours = (): Recipe => ({
  optimizer: new FusedSgd({ learningRate: 0.01, momentum: 0.9, weightDecay: WEIGHT_DECAY }),
  loss: (labels, logits) => softmaxCrossEntropy(labels, logits) as tf.Scalar,
});

/** What TF.js has for it; the model's own regularizers are added by the model. */
export const stock = (model: LayersModel): Recipe => ({
  optimizer: tf.train.momentum(0.01, 0.9),
  // Not tf.addN, which binds more buffers in one shader than a device must take.
  loss: (labels, logits) =>
    model
      .calculateLosses()
      .reduce<tf.Scalar>((sum, penalty) => tf.add(sum, penalty), tf.losses.softmaxCrossEntropy(labels, logits)),
});

export function training(model: LayersModel, { optimizer, loss }: Recipe, { batch, side }: Size): Training {
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const images = tf.randomNormal<tf.Rank.R4>([batch, side, side, 3], 0, 1, 'float32', 3);
  const classes = Array.from({ length: batch }, (_, i) => (i * 7) % CLASSES);
  const labels = tf.tidy(() => tf.cast(tf.oneHot(tf.tensor1d(classes, 'int32'), CLASSES), 'float32') as tf.Tensor2D);
  return {
    model,
    images,
    labels,
    optimizer,
    step(x, y) {
      return tf.tidy(() => {
        const forward = () => loss(y, model.apply(x, { training: true }) as tf.Tensor2D);
        const { value, grads } = tf.variableGrads(forward, variables);
        optimizer.applyGradients(grads);
        return value;
      });
    },
    dispose() {
      tf.dispose([images, labels]);
      optimizer.dispose();
      model.dispose();
    },
  };
}

export interface Captured {
  step(): tf.Scalar;
  dispose(): void;
}

/** The step of our recipe, recorded once and replayed: what is another number in every step is a tensor. */
export async function captured({ model, images, labels, optimizer, step }: Training): Promise<Captured> {
  // The strides move, and the sizes that follow from them stay as they are: what is timed is one recording.
  for (const layer of model.layers) if (layer instanceof DiffStride) layer.followStrides(await layer.readStrides());
  const run = captureStep((x: tf.Tensor, y: tf.Tensor, rate: tf.Tensor, count: tf.Tensor) => {
    const fused = optimizer as FusedSgd;
    fused.learningRate = rate as tf.Scalar;
    fused.step = count as tf.Scalar;
    return step(x as tf.Tensor4D, y as tf.Tensor2D);
  });
  const numbers = [tf.scalar(0.01), tf.scalar(1)] as const;
  return {
    step: () => run(images, labels, ...numbers),
    dispose() {
      if (run.statistics.replays === 0) throw new Error('no step was replayed');
      run.dispose();
      tf.dispose([...numbers]);
    },
  };
}
