// The kernels of training that are no matrix products, beside what TF.js composes: milliseconds on the device, and the rate at
// which ours move the bytes that they have to.
import { batchNormTrain, sgdMomentumUpdate, softmaxCrossEntropy, zeroSlots } from '@stridelab/train-ops';
import { registerWebgpuTraining, restore } from '@stridelab/webgpu/training';
import * as tf from '@tensorflow/tfjs-core';
import { markdownTable } from '../harness.ts';
import { type DeviceTiming, type SampleOptions, timeOnDevice } from './replay.ts';

type Work = () => tf.Tensor | tf.Tensor[] | undefined;

/** One operation: `make` gives inputs of its own and what is done to them, by our kernels and by TF.js's. */
interface Case {
  name: string;
  /** Bytes that our kernels read and write in one call. */
  bytes: number;
  make(): { ours: Work; stock: Work; dispose(): void };
}

export interface TrainOpsRow {
  name: string;
  bytes: number;
  ours: DeviceTiming;
  stock: DeviceTiming;
  gigabytesPerSecond: number;
}

export interface TrainOpsSizes {
  maps: [number, number, number, number][];
  /** Sizes of the parameters that are updated. */
  parameters: number[];
  logits: [number, number][];
}

/** Those of ResNet-18 at batch 128. */
export const RESNET_18: TrainOpsSizes = {
  maps: [
    [128, 32, 32, 64],
    [128, 16, 16, 256],
  ],
  parameters: [64, 128, 256, 512].flatMap((width, i) => {
    const before = i ? width / 2 : width;
    const vectors = new Array<number>(8).fill(width);
    return [9 * before * width, ...new Array<number>(3).fill(9 * width * width), ...vectors];
  }),
  logits: [
    [128, 10],
    [128, 1000],
  ],
};

/** For a device in software. */
export const TINY: TrainOpsSizes = {
  maps: [[2, 6, 6, 8]],
  parameters: [2100, 16, 5, 2400],
  logits: [
    [4, 10],
    [4, 100],
  ],
};

/** Times everything on the current backend, which must be webgpu. Leaves our kernels registered. */
export async function timeTrainOps(
  sizes: TrainOpsSizes,
  options: SampleOptions & { sets: number },
): Promise<TrainOpsRow[]> {
  const cases = [
    ...sizes.maps.flatMap((shape) => [batchNorm(shape, false), batchNorm(shape, true), channelSums(shape)]),
    ...sizes.maps.flatMap((shape) => [poolGradient('maxPool', shape), poolGradient('avgPool', shape)]),
    sgd(sizes.parameters),
    ...sizes.logits.map(crossEntropy),
  ];
  const rows: TrainOpsRow[] = [];
  for (const { name, bytes, make } of cases) {
    const sets = Array.from({ length: options.sets }, () => make());
    restore();
    const stock = await timeOnDevice(
      sets.map(({ stock }) => stock),
      options,
    );
    registerWebgpuTraining();
    const ours = await timeOnDevice(
      sets.map(({ ours }) => ours),
      options,
    );
    for (const { dispose } of sets) dispose();
    rows.push({ name, bytes, ours, stock, gigabytesPerSecond: bytes / ours.milliseconds / 1e6 });
  }
  return rows;
}

export function trainOpsTable(rows: readonly TrainOpsRow[]): string {
  const milliseconds = ({ milliseconds, dispatches }: DeviceTiming) => `${milliseconds.toFixed(3)} (${dispatches})`;
  return markdownTable(
    ['', 'ms (dispatches)', 'stock TF.js', 'stock / ours', 'MB', 'GB/s'],
    rows.map(({ name, bytes, ours, stock, gigabytesPerSecond }) => [
      name,
      milliseconds(ours),
      milliseconds(stock),
      (stock.milliseconds / ours.milliseconds).toFixed(1),
      (bytes / 1e6).toFixed(1),
      gigabytesPerSecond.toFixed(0),
    ]),
  );
}

const FLOAT = 4;
const bytesOf = (shape: readonly number[]) => FLOAT * tf.util.sizeFromShape([...shape]);

function inputsOf(shapes: readonly (readonly number[])[]): { tensors: tf.Tensor[]; dispose(): void } {
  const tensors = shapes.map((shape) => tf.randomNormal([...shape]));
  return { tensors, dispose: () => tf.dispose(tensors) };
}

/** With a ReLU. Forward x is read twice and y written; backward dy, x and y are read twice and dx written. */
function batchNorm(shape: [number, number, number, number], backward: boolean): Case {
  return {
    name: `batch norm + ReLU ${backward ? 'forward + backward' : 'forward'} [${shape.join(', ')}]`,
    bytes: bytesOf(shape) * (backward ? 3 + 7 : 3),
    make() {
      const { tensors, dispose } = inputsOf([shape, [shape[3]], [shape[3]], shape]);
      const [x, gamma, beta, dy] = tensors as [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D, tf.Tensor4D];
      const fused = (v: tf.Tensor4D, g: tf.Tensor1D, b: tf.Tensor1D) =>
        batchNormTrain(v, { gamma: g, beta: b, relu: true }).y;
      const composed = (v: tf.Tensor4D, g: tf.Tensor1D, b: tf.Tensor1D) => {
        const { mean, variance } = tf.moments(v, [0, 1, 2]);
        return tf.relu(tf.batchNorm(v, mean as tf.Tensor1D, variance as tf.Tensor1D, b, g));
      };
      const workOf = (f: typeof composed) =>
        backward ? () => tf.grads(f as never)([x, gamma, beta], dy) : () => f(x, gamma, beta);
      return { ours: workOf(fused), stock: workOf(composed), dispose };
    },
  };
}

function channelSums(shape: [number, number, number, number]): Case {
  return {
    name: `sums of channels [${shape.join(', ')}]`,
    bytes: bytesOf(shape),
    make() {
      const { tensors, dispose } = inputsOf([shape]);
      const work = () => tf.sum(tensors[0]!, [0, 1, 2]);
      return { ours: work, stock: work, dispose };
    },
  };
}

const POOLS = { maxPool: tf.maxPool, avgPool: tf.avgPool };

/** Windows of 3 by 3 at every other place. Of averages dy is read and dx written, of maxima x and y are read too. */
function poolGradient(pool: keyof typeof POOLS, shape: [number, number, number, number]): Case {
  const pooled = [shape[0], Math.ceil(shape[1] / 2), Math.ceil(shape[2] / 2), shape[3]];
  const passes = pool === 'maxPool' ? 2 : 1;
  return {
    name: `gradient of ${pool} [${shape.join(', ')}]`,
    bytes: passes * (bytesOf(shape) + bytesOf(pooled)),
    make() {
      const { tensors, dispose } = inputsOf([shape, pooled]);
      const [input, dy] = tensors as [tf.Tensor4D, tf.Tensor4D];
      const output = POOLS[pool](input, 3, 2, 'same');
      const attrs = { filterSize: 3, strides: 2, pad: 'same' };
      const kernel = pool === 'maxPool' ? 'MaxPoolGrad' : 'AvgPoolGrad';
      const given = pool === 'maxPool' ? { dy, input, output } : { dy, input };
      const work = () => tf.engine().runKernel(kernel, given as never, attrs) as tf.Tensor;
      return {
        ours: work,
        stock: work,
        dispose() {
          dispose();
          output.dispose();
        },
      };
    },
  };
}

/** Momentum and L2. Weights and velocities are read and written, gradients read. */
function sgd(parameters: readonly number[]): Case {
  const total = parameters.reduce((sum, size) => sum + size, 0);
  return {
    name: `SGD with momentum, ${(total / 1e6).toFixed(2)} M in ${parameters.length} parameters`,
    bytes: 5 * FLOAT * total,
    make() {
      const weights = parameters.map((size) => tf.tidy(() => tf.variable(tf.randomNormal([size]))));
      const gradients = parameters.map((size) => tf.randomNormal([size]));
      const velocity = zeroSlots(weights);
      const named = weights.map(({ name }, i) => ({ name, tensor: gradients[i]! }));
      const optimizer = tf.train.momentum(0.1, 0.9);
      return {
        ours: () => void sgdMomentumUpdate({ weights, gradients, velocity, learningRate: 0.1, weightDecay: 1e-4 }),
        stock: () => void optimizer.applyGradients(named),
        dispose() {
          optimizer.dispose();
          tf.dispose((optimizer as unknown as { c: tf.Tensor }).c); // which it leaves behind
          for (const variable of [...weights, ...velocity]) variable.dispose();
          tf.dispose(gradients);
        },
      };
    },
  };
}

/** Value and gradient. Logits and labels are read, their gradient written. */
function crossEntropy(shape: [number, number]): Case {
  return {
    name: `cross-entropy + gradient [${shape.join(', ')}]`,
    bytes: 3 * bytesOf(shape),
    make() {
      const { tensors, dispose } = inputsOf([shape]);
      const logits = tensors[0] as tf.Tensor2D;
      const classes = Array.from({ length: shape[0] }, (_, i) => i % shape[1]);
      const labels = tf.tidy(
        () => tf.cast(tf.oneHot(tf.tensor1d(classes, 'int32'), shape[1]), 'float32') as tf.Tensor2D,
      );
      const workOf = (loss: (v: tf.Tensor2D) => tf.Tensor) => () => tf.grad(loss as never)(logits);
      return {
        ours: workOf((v) => softmaxCrossEntropy(labels, v, { labelSmoothing: 0.1 })),
        stock: workOf((v) => tf.losses.softmaxCrossEntropy(labels, v, undefined, 0.1)),
        dispose() {
          dispose();
          labels.dispose();
        },
      };
    },
  };
}
