// TensorFlow's own library is not here unless STRIDELAB_TENSORFLOW names it (CONTRIBUTING.md): what it computes is in
// batch-norm-train.test.ts. This is about when it is asked, and what for.
import { expectNamedError, randomTensor } from '@stridelab/test-kit';
import { openTestBackend } from '@stridelab/test-kit/backends';
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, expect, it } from 'vitest';
import { batchNormTrain, TrainOpsError } from './index.ts';

/** tfjs-node's names for TensorFlow's types of attributes. */
const binding = { TF_FLOAT: 1, TF_ATTR_STRING: 10, TF_ATTR_FLOAT: 12, TF_ATTR_BOOL: 13, TF_ATTR_TYPE: 14 };

interface Attribute {
  name: string;
  type: number;
  value: unknown;
}

/** The cpu backend in tfjs-node's clothes: its operations give what they are asked by, in the shapes of what they would give. */
class PretendedTensorFlow extends MathBackendCPU {
  readonly binding = binding;
  readonly asked: [name: string, attributes: Record<string, unknown>, shapes: number[][]][] = [];

  constructor(readonly isUsingGpuDevice: boolean) {
    super();
  }

  executeSingleOutput(name: string, attributes: Attribute[], inputs: tf.Tensor[]): tf.Tensor {
    return this.executeMultipleOutputs(name, attributes, inputs)[0]!;
  }

  executeMultipleOutputs(name: string, attributes: Attribute[], inputs: tf.Tensor[]): tf.Tensor[] {
    const values = Object.fromEntries(attributes.map(({ name, value }) => [name, value]));
    this.asked.push([name, values, inputs.map(({ shape }) => shape)]);
    const [like, ...rest] = inputs;
    const channel = rest.find(({ rank }) => rank === 1) ?? like!;
    return [tf.clone(like!), ...Array.from({ length: 5 }, () => tf.clone(channel))];
  }
}

async function pretend(isUsingGpuDevice: boolean): Promise<PretendedTensorFlow> {
  const backend = new PretendedTensorFlow(isUsingGpuDevice);
  tf.registerBackend('tensorflow', () => backend);
  tf.copyRegisteredKernels('cpu', 'tensorflow');
  await tf.setBackend('tensorflow');
  return backend;
}

afterEach(async () => {
  await openTestBackend('cpu');
  tf.removeBackend('tensorflow');
});

const make = () => ({
  x: randomTensor([2, 3, 4, 5], 1),
  gamma: tf.ones<tf.Rank.R1>([5]),
  beta: tf.zeros<tf.Rank.R1>([5]),
});

/** y and the gradients, as numbers. */
function train({ x, gamma, beta }: ReturnType<typeof make>): number[][] {
  const y = (v: tf.Tensor, g: tf.Tensor, b: tf.Tensor) =>
    batchNormTrain(v, { gamma: g as tf.Tensor1D, beta: b as tf.Tensor1D, relu: true, epsilon: 0.01 }).y;
  const outputs = [y(x, gamma, beta), ...tf.grads((v, g, b) => y(v!, g!, b!))([x, gamma, beta], x)];
  return outputs.map((tensor) => Array.from(tensor.dataSync()));
}

it('asks TensorFlow on the processor for one operation each way and one for the ReLU, on all positions in a row', async () => {
  const { asked } = await pretend(false);
  const inputs = make();
  const { x, ...parameters } = inputs;
  tf.tidy(() => batchNormTrain(x, { ...parameters, relu: true, epsilon: 0.01 }).y);
  const attributes = { T: 1, U: 1, data_format: 'NHWC', is_training: true, epsilon: 0.01 };
  expect(asked).toEqual([['FusedBatchNormV3', attributes, [[1, 1, 24, 5], [5], [5], [0], [0]]]]);
  asked.length = 0;
  train(inputs);
  expect(asked.slice(2)).toEqual([
    [
      'ReluGrad',
      { T: 1 },
      [
        [2, 3, 4, 5],
        [2, 3, 4, 5],
      ],
    ],
    ['FusedBatchNormGradV3', attributes, [[1, 1, 24, 5], [1, 1, 24, 5], [5], [5], [5], [0]]],
  ]);
});

it('asks it for nothing on a GPU, where these operations save something else', async () => {
  const expected = train(make());
  const { asked } = await pretend(true);
  expect(train(make())).toEqual(expected);
  expect(asked).toEqual([]);
});

it('refuses a gradient of its gradient, which would be a part of it', async () => {
  await pretend(false);
  const { x, gamma, beta } = make();
  const y = (v: tf.Tensor) => batchNormTrain(v, { gamma, beta, relu: true }).y;
  const penalty = (v: tf.Tensor) => tf.sum(tf.square(tf.grad((u: tf.Tensor) => tf.sum(y(u)))(v)));
  await expectNamedError(
    () => tf.grad(penalty)(x),
    TrainOpsError,
    "train-ops.batchNormTrain: its gradient must not be differentiated, got 'a second gradient'",
  );
});

it('leaves no tensor behind', async () => {
  await pretend(false);
  const inputs = make();
  train(inputs);
  const before = tf.memory().numTensors;
  tf.tidy(() => void train(inputs));
  expect(tf.memory().numTensors).toBe(before);
});
