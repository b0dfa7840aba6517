// For tests: work of every kernel that is shared out over threads, large enough to be.
import { randomValues } from '@stridelab/test-kit';
import {
  adamUpdate,
  batchNormTrain,
  dropout,
  sgdMomentumUpdate,
  softmaxCrossEntropy,
  zeroSlots,
} from '@stridelab/train-ops';
import * as tf from '@tensorflow/tfjs-core';

type Slots = ReturnType<typeof zeroSlots>;

export const SHARED_WORK: Record<string, () => tf.Tensor[]> = {
  conv2d: () => {
    const [x, filter] = [deviates([5, 16, 17, 12], 1), deviates([3, 3, 12, 20], 2)];
    const conv = (a: tf.Tensor, b: tf.Tensor) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, 1, 'same');
    return [conv(x, filter), ...gradients((a, b) => conv(a!, b!), [x, filter])];
  },
  'conv2d of many channels': () => {
    const [x, filter] = [deviates([5, 16, 17, 32], 1), deviates([3, 3, 32, 264], 2)];
    const conv = (a: tf.Tensor, b: tf.Tensor) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, 1, 'same');
    return [conv(x, filter), ...gradients((a, b) => conv(a!, b!), [x, filter])];
  },
  'conv2d of one image': () => {
    const [x, filter] = [deviates([1, 32, 32, 16], 1), deviates([3, 3, 16, 16], 2)];
    const conv = (a: tf.Tensor, b: tf.Tensor) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, 2, 'same');
    return [conv(x, filter), ...gradients((a, b) => conv(a!, b!), [x, filter])];
  },
  depthwise: () => {
    const [x, filter] = [deviates([4, 40, 40, 16], 1), deviates([3, 3, 16, 1], 2)];
    return gradients((a, b) => tf.depthwiseConv2d(a as tf.Tensor4D, b as tf.Tensor4D, 1, 'same'), [x, filter]);
  },
  conv3d: () => {
    const [x, filter] = [deviates([3, 8, 9, 8, 6], 1), deviates([3, 3, 3, 6, 8], 2)];
    const conv = (a: tf.Tensor, b: tf.Tensor) => tf.conv3d(a as tf.Tensor5D, b as tf.Tensor5D, 1, 'same');
    return [conv(x, filter), ...gradients((a, b) => conv(a!, b!), [x, filter])];
  },
  'conv3d of few pixels': () => {
    const [x, filter] = [deviates([24, 24, 1, 2, 64], 1), deviates([9, 1, 1, 64, 4], 2)];
    return gradients((a, b) => tf.conv3d(a as tf.Tensor5D, b as tf.Tensor5D, 1, 'same'), [x, filter]);
  },
  pools: () => {
    const x = deviates([6, 32, 32, 20], 1);
    return [tf.maxPool, tf.avgPool].flatMap((pool) => gradients((a) => pool(a as tf.Tensor4D, 3, 2, 'same'), [x]));
  },
  sums: () => [tf.sum(deviates([20_000, 18], 1), 0), tf.mean(deviates([5, 4000, 20], 1), 1), tf.sum(deviates([3], 1))],
  matMul: () => [
    tf.matMul(deviates([300, 90], 1), deviates([200, 90], 2), false, true),
    tf.matMul(deviates([7, 60, 70], 1), deviates([7, 60, 40], 2), true, false),
    tf.matMul(deviates([50, 4, 5], 1), deviates([50, 5, 6], 2)),
  ],
  batchNorm: () => {
    const [mean, variance] = [deviates([24], 2) as tf.Tensor1D, tf.ones<tf.Rank.R1>([24])];
    return [tf.batchNorm(deviates([9, 40, 40, 24], 1), mean, variance)];
  },
  'batch norm in training': () => {
    const [x, gamma, beta] = [deviates([9, 40, 40, 22], 1), deviates([22], 2), deviates([22], 3)];
    const norm = (v?: tf.Tensor, g?: tf.Tensor, b?: tf.Tensor) =>
      batchNormTrain(v!, { gamma: g as tf.Tensor1D, beta: b as tf.Tensor1D, relu: true });
    return [...Object.values(norm(x, gamma, beta)), ...gradients((v, g, b) => norm(v, g, b).y, [x, gamma, beta])];
  },
  'cross-entropy': () => {
    const [labels, logits] = [deviates([300, 101], 1) as tf.Tensor2D, deviates([300, 101], 2)];
    return gradients((v) => softmaxCrossEntropy(labels, v as tf.Tensor2D), [logits]);
  },
  transposes: () => [
    tf.transpose(deviates([700, 1, 601], 1), [2, 1, 0]),
    tf.transpose(deviates([40, 61, 11, 19], 1), [3, 1, 2, 0]),
    tf.transpose(deviates([40, 61, 11, 19], 1), [2, 0, 1, 3]),
  ],
  casts: () => {
    const x = deviates([700, 601], 1);
    const truths = tf.cast(x, 'bool');
    return [tf.cast(truths, 'float32'), tf.cast(tf.cast(x, 'int32'), 'float32'), tf.cast(tf.floor(x), 'bool')];
  },
  dropout: () => [dropout(deviates([140_001, 3], 1), [1, 2], { rate: 0.5 })],
  updates: () => {
    const weights = [[500, 501], [7], [300, 300], [9]].map((shape, i) => tf.variable(deviates(shape, i + 1)));
    const given = weights.map(({ shape }, i) => deviates(shape, i + 9));
    const [velocity, moment1, moment2] = [1, 2, 3].map(() => zeroSlots(weights)) as [Slots, Slots, Slots];
    const common = { weights, gradients: given, learningRate: 0.1 };
    sgdMomentumUpdate({ ...common, velocity });
    adamUpdate({ ...common, moment1, moment2, step: 1 });
    const variables = [weights, velocity, moment1, moment2].flat();
    const results = variables.map((variable) => tf.add(variable, 0));
    for (const variable of variables) variable.dispose();
    return results;
  },
  'chains of products': () =>
    [
      [9, 7],
      [1, 90],
    ].flatMap(([batch, channels]) => {
      const [x, matrix0, matrix1] = [
        deviates([batch!, 24, 20, channels!], 1),
        deviates([15, 20], 2),
        deviates([18, 24], 3),
      ];
      const chain = { inner: [1, 15], channels: channels!, shape: [batch!, 18, 15, channels!] };
      const inputs = { a: x, b: x, aMatrix0: matrix0, aMatrix1: matrix1, bMatrix0: matrix0, bMatrix1: matrix1 };
      return [
        tf.engine().runKernel('StridelabProductChain', { x, matrix0, matrix1 }, chain) as tf.Tensor,
        tf.engine().runKernel('StridelabChainProducts', inputs, {
          ...{ aInner: [1, 15], bInner: [1, 15], channels: channels! },
        }) as tf.Tensor,
      ];
    }),
  'pieces in another order': () => {
    const x = deviates([9, 40, 40, 22], 1) as tf.Tensor4D;
    const larger = (a: tf.Tensor) => tf.image.resizeNearestNeighbor(a as tf.Tensor4D, [70, 90]);
    const order = tf.tensor1d([8, 0, 3, 3, 1, 7, 8, 2], 'int32');
    const parts = [tf.slice(x, [1, 3, 4, 0], [7, 30, 33, 22]), tf.slice(x, [0, 0, 0, 5], [9, 40, 40, 12])];
    return [...parts, tf.reverse(x, [0, 2]), tf.gather(x, order), larger(x), ...gradients((a) => larger(a!), [x])];
  },
  'two values at a time': () => {
    const [x, row, image] = [deviates([9, 40, 40, 22], 1), deviates([22], 2), deviates([9, 1, 1, 22], 3)];
    const slope = (a: tf.Tensor) => tf.leakyRelu(a, 0.3);
    const compared = [
      tf.greater(x, row),
      tf.lessEqual(row, x),
      tf.equal(x, image),
      tf.where(tf.less(x, 0), x, tf.neg(x)),
    ];
    return [...compared, tf.maximum(image, x), tf.erf(x), slope(x), ...gradients((a) => slope(a!), [x])];
  },
  transpose: () => [tf.transpose(deviates([4, 300, 301], 1), [0, 2, 1]), tf.transpose(deviates([600, 601], 1))],
};

function deviates(shape: number[], seed: number) {
  return tf.tensor(randomValues(tf.util.sizeFromShape(shape), seed), shape);
}

function gradients(f: (...inputs: tf.Tensor[]) => tf.Tensor, inputs: tf.Tensor[]): tf.Tensor[] {
  return tf.grads((...xs: tf.Tensor[]) => tf.square(f(...xs)))(inputs);
}

/** The values of what some work makes, which is disposed of. */
export const read = (work: () => tf.Tensor[]) => {
  const results = tf.tidy(work);
  const values = results.map((result) => result.dataSync());
  tf.dispose(results);
  return values;
};
