import '../index.ts';
import { expectNamedError, openTestBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { WebgpuError } from '../errors.ts';

beforeAll(() => openTestBackend('webgpu'));

const ones = (...shape: number[]) => tf.ones(shape);
const ints = (...shape: number[]) => tf.ones(shape, 'int32');
const norm = () => ({ x: ones(4, 3), gamma: ones(3), beta: ones(3) });
const normGrad = () => ({ dy: ones(4, 3), x: ones(4, 3), gamma: ones(3), mean: ones(3), variance: ones(3) });
const update = () => ({ weight0: ones(2), weight1: ones(3), gradient0: ones(2), gradient1: ones(3) });
const sgd = { learningRate: 1, momentum: 0, weightDecay: 0, buckets: [0, 0], decays: [1, 1] };
const [bn, grad] = ['StridelabBatchNormTrain', 'StridelabBatchNormTrainGrad'];
const rule = { index: [0], size: [8], least: [1], offset: [0], lowerLimit: 1, upperLimit: 9, smoothness: 4 };
const sums = () => ({ products: ones(6), bins0: ints(3), weights0: ones(4), slopes0: ones(4) });
const columns = () => ({ bins1: ints(2), weights1: ones(2), slopes1: ones(2) });
const [masks, slopes, weighted] = ['StridelabStrideMasks', 'StridelabSlopeSums', 'StridelabWeightedProduct'];
const [entropy, momentum] = ['StridelabSoftmaxCrossEntropy', 'StridelabSgdMomentumUpdate'];

it.each<[string, () => tf.NamedTensorMap, object, string]>([
  [bn!, () => ({ ...norm(), x: tf.ones([4, 3], 'int32') }), {}, 'x must be float32 and not empty, got'],
  [bn!, () => ({ ...norm(), x: ones(0, 3) }), {}, 'x must be float32 and not empty, got'],
  [bn!, () => ({ ...norm(), gamma: ones(2) }), {}, "gamma must be float32 of shape [3], got 'float32 of shape [2]'"],
  [bn!, () => ({ ...norm(), movingMean: ones(3) }), {}, 'movingVariance must be float32 of shape [3], got undefined'],
  [grad!, () => ({ ...normGrad(), dy: ones(3, 4) }), {}, "dy must be float32 of shape [4, 3], got 'float32 of shape"],
  [grad!, normGrad, { relu: true }, 'y must be float32 of shape [4, 3], got undefined'],
  [entropy!, () => ({ logits: ones(2, 3), labels: ones(2) }), {}, 'labels must be float32 of shape [2, 3], got'],
  [entropy!, () => ({ logits: ones(6), labels: ones(6) }), {}, 'logits must be float32 of shape [6, 0], got'],
  ['StridelabDropout', () => ({ x: ints(2), draw: ones(2) }), {}, "x must be float32 of shape [2], got 'int32"],
  ['StridelabDropout', () => ({ x: ones(2), draw: ones(1) }), {}, 'draw must be float32 of shape [2], got'],
  [momentum!, update, sgd, 'velocity0 must be float32 of shape [5], got undefined'],
  [momentum!, () => ({ ...update(), velocity0: ones(4) }), sgd, "velocity0 must be float32 of shape [5], got 'float32"],
  [momentum!, () => ({ ...update(), gradient1: ones(2) }), sgd, "gradient1 must be float32 of shape [3], got 'float32"],
  [
    masks!,
    () => ({ strides: ones(2), positions0: ints(3) }),
    rule,
    "positions0 must be float32 of shape [3], got 'int32",
  ],
  [masks!, () => ({ strides: ones(2) }), rule, 'positions0 must be float32 of shape [0], got undefined'],
  [slopes!, sums, {}, "products must be float32 of shape [3], got 'float32 of shape [6]'"],
  [slopes!, () => ({ ...sums(), ...columns(), slopes1: ones(3) }), {}, 'slopes1 must be float32 of shape [2], got'],
  [slopes!, () => ({ ...sums(), ...columns(), bins1: ones(2) }), {}, "bins1 must be int32 of shape [2], got 'float32"],
  [
    weighted!,
    () => ({ left: ones(2, 4), right: ones(3, 2), weights: ones(2) }),
    { repeat: 1 },
    'right must be float32',
  ],
  [
    weighted!,
    () => ({ left: ones(2, 4), weights: ints(2) }),
    { repeat: 2 },
    'weights must be float32 of shape [2], got',
  ],
])('%s refuses what its shader could not read, %#', async (kernel, inputs, attrs, message) => {
  const given = inputs();
  const before = tf.memory().numTensors;
  const run = () => void tf.engine().runKernel(kernel, given, attrs as tf.NamedAttrMap);
  await expectNamedError(run, WebgpuError, new RegExp(`^webgpu\\.${kernel}: ${message.replace(/[[\]]/g, '\\$&')}`));
  expect(tf.memory().numTensors).toBe(before);
});
