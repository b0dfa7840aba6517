// Steps of training with TF.js's own layers and optimizer.
import * as tf from '@tensorflow/tfjs-core';
import { layers, model as layersModel, type SymbolicTensor, input as symbolicInput } from '@tensorflow/tfjs-layers';

export const BATCH = 64;

/** Milliseconds of steps of SGD with momentum on a ResNet-8, after two that do not count. */
export async function stepTimes(rounds: number): Promise<number[]> {
  const model = resnet8();
  model.compile({ optimizer: tf.train.momentum(0.01, 0.9), loss: 'categoricalCrossentropy' });
  const x = tf.randomNormal([BATCH, 32, 32, 3]);
  const y = tf
    .oneHot(
      Array.from({ length: BATCH }, (_, i) => i % 10),
      10,
    )
    .toFloat();
  const times: number[] = [];
  for (let step = -2; step < rounds; step++) {
    const start = performance.now();
    await model.trainOnBatch(x, y);
    if (step >= 0) times.push(performance.now() - start);
  }
  return times;
}

function resnet8() {
  const conv = (x: SymbolicTensor, filters: number, strides: number, kernelSize = 3) =>
    layers.conv2d({ filters, kernelSize, strides, padding: 'same', useBias: false }).apply(x) as SymbolicTensor;
  const norm = (x: SymbolicTensor) => layers.batchNormalization().apply(x) as SymbolicTensor;
  const relu = (x: SymbolicTensor) => layers.reLU().apply(x) as SymbolicTensor;
  const image = symbolicInput({ shape: [32, 32, 3] });
  let x = relu(norm(conv(image, 16, 1)));
  for (const [filters, strides] of [
    [16, 1],
    [32, 2],
    [64, 2],
  ] as const) {
    const branch = norm(conv(relu(norm(conv(x, filters, strides))), filters, 1));
    const shortcut = strides === 1 ? x : conv(x, filters, strides, 1);
    x = relu(layers.add().apply([branch, shortcut]) as SymbolicTensor);
  }
  const features = layers.globalAveragePooling2d({}).apply(x) as SymbolicTensor;
  return layersModel({
    inputs: image,
    outputs: layers.dense({ units: 10, activation: 'softmax' }).apply(features) as SymbolicTensor,
  });
}
