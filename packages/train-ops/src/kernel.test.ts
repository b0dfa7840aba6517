// The seam for backends: where a kernel of the right name is registered, it is what runs, and it is given what is promised.
import { expectNoLeak } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it } from 'vitest';
import {
  adamUpdate,
  BatchNorm,
  batchNormTrain,
  FusedSgd,
  KERNELS,
  sgdMomentumUpdate,
  softmaxCrossEntropy,
  zeroSlots,
} from './index.ts';

interface CpuBackend {
  incRef(id: object): void;
  data: { get(id: object): { values: Float32Array } };
  makeTensorInfo(shape: number[], dtype: 'float32', values: Float32Array): tf.TensorInfo;
}

interface Call {
  inputs: Record<string, number[]>;
  attrs: Record<string, unknown>;
}

const registered: string[] = [];

afterEach(() => {
  for (const name of registered.splice(0)) tf.unregisterKernel(name, 'cpu');
});

/** Registers a kernel whose outputs are filled with 1, 2, ... and that notes what it is called with. */
function stub(name: string, outputShapes: number[][]): Call[] {
  const calls: Call[] = [];
  tf.registerKernel({
    kernelName: name,
    backendName: 'cpu',
    kernelFunc({ inputs, attrs, backend }) {
      const cpu = backend as CpuBackend;
      const read = ([key, info]: [string, unknown]) => [
        key,
        Array.from(cpu.data.get((info as tf.TensorInfo).dataId).values),
      ];
      calls.push({ inputs: Object.fromEntries(Object.entries(inputs).map(read)), attrs: { ...attrs } });
      return outputShapes.map((shape, i) =>
        cpu.makeTensorInfo(shape, 'float32', new Float32Array(tf.util.sizeFromShape(shape)).fill(i + 1)),
      );
    },
  });
  registered.push(name);
  return calls;
}

const vector = (...numbers: number[]) => tf.tensor1d(numbers);

describe('a backend may bring', () => {
  it('both kernels of batch normalization', async () => {
    const forward = stub(KERNELS.batchNormTrain, [[2, 2], [2], [2]]);
    const backward = stub(KERNELS.batchNormTrainGrad, [[2, 2], [2], [2]]);
    const x = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    const [gamma, beta] = [vector(5, 6), vector(7, 8)];
    const { y, mean, variance } = batchNormTrain(x, { gamma, beta, relu: true, epsilon: 0.5 });
    await expect(y).toBeAllClose([1, 1, 1, 1]);
    await expect(mean).toBeAllClose([2, 2]);
    await expect(variance).toBeAllClose([3, 3]);
    const inputs = { x: [1, 2, 3, 4], gamma: [5, 6], beta: [7, 8] };
    expect(forward).toEqual([{ inputs, attrs: { epsilon: 0.5, relu: true } }]);

    const call = (v: tf.Tensor, g: tf.Tensor, b: tf.Tensor) =>
      batchNormTrain(v, { gamma: g as tf.Tensor1D, beta: b as tf.Tensor1D, relu: true, epsilon: 0.5 }).y;
    const dy = tf.tensor2d([9, 9, 9, 8], [2, 2]);
    const [dx, dGamma, dBeta] = tf.grads((v, g, b) => call(v!, g!, b!))([x, gamma, beta], dy);
    await expect(dx!).toBeAllClose([1, 1, 1, 1]);
    await expect(dGamma!).toBeAllClose([2, 2]);
    await expect(dBeta!).toBeAllClose([3, 3]);
    const saved = { x: [1, 2, 3, 4], y: [1, 1, 1, 1], gamma: [5, 6], mean: [2, 2], variance: [3, 3] };
    expect(backward).toEqual([{ inputs: { ...saved, dy: [9, 9, 9, 8] }, attrs: { epsilon: 0.5, relu: true } }]);
  });

  it('a kernel of batch normalization that moves statistics too', async () => {
    const calls = stub(KERNELS.batchNormTrain, [[2, 2], [2], [2], [2], [2]]);
    const x = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    const moving = { mean: vector(9, 10), variance: vector(11, 12), momentum: 0.75 };
    const options = { gamma: vector(5, 6), beta: vector(7, 8), moving };
    const { nextMovingMean, nextMovingVariance } = batchNormTrain(x, options);
    await expect(nextMovingMean).toBeAllClose([4, 4]);
    await expect(nextMovingVariance).toBeAllClose([5, 5]);
    const inputs = { x: [1, 2, 3, 4], gamma: [5, 6], beta: [7, 8], movingMean: [9, 10], movingVariance: [11, 12] };
    expect(calls).toEqual([{ inputs, attrs: { epsilon: 1e-3, relu: false, momentum: 0.75 } }]);
    expectNoLeak(() => batchNormTrain(x, options));

    const layer = new BatchNorm({ momentum: 0.75 });
    layer.apply(x, { training: true });
    const [, , mean, variance] = layer.getWeights();
    await expect(mean!).toBeAllClose([4, 4]);
    await expect(variance!).toBeAllClose([5, 5]);
    expect(calls.at(-1)!.inputs).toMatchObject({ movingMean: [0, 0], movingVariance: [1, 1] });
    expectNoLeak(() => layer.apply(x, { training: true }) as tf.Tensor);
  });

  it('the kernel of cross-entropy, gradient included', async () => {
    const calls = stub(KERNELS.softmaxCrossEntropy, [[2], [2, 2]]);
    const logits = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    const loss = (v: tf.Tensor) => softmaxCrossEntropy([1, 0], v as tf.Tensor2D, { labelSmoothing: 0.25 });
    await expect(loss(logits)).toBeAllClose(1);
    await expect(tf.grad(loss)(logits)).toBeAllClose([1, 1, 1, 1]); // 2 over the number of rows
    const inputs = { logits: [1, 2, 3, 4], labels: [0, 1, 1, 0] };
    expect(calls[0]).toEqual({ inputs, attrs: { labelSmoothing: 0.25 } });
    expect(calls).toHaveLength(2);
  });

  it('the kernels of both updates', async () => {
    const weights = [vector(1, 2), tf.ones([3000]), vector(3)].map((value) => tf.variable(value));
    const gradients = [vector(4, 5), tf.ones([3000]), vector(6)];
    const decays = [1, 1, 1];
    const velocity = zeroSlots(weights);
    const common = { weights, gradients, learningRate: 0.5, weightDecay: 0.1, decays };
    const sgd = stub(KERNELS.sgdMomentumUpdate, [[2], [3000], [1], [3], [3000]]);
    sgdMomentumUpdate({ ...common, velocity, momentum: 0.75 });
    await expect(weights[0]!).toBeAllClose([1, 1]);
    await expect(weights[2]!).toBeAllClose([3]);
    await expect(velocity[0]!).toBeAllClose([4, 4, 4]);
    const rates = { learningRate: 0.5, weightDecay: 0.1, decoupled: false, buckets: [0, 1, 0], decays };
    expect(sgd[0]!.attrs).toEqual({ ...rates, momentum: 0.75, nesterov: false });
    expect(sgd[0]!.inputs).toMatchObject({ weight0: [1, 2], weight2: [3], gradient2: [6], velocity0: [0, 0, 0] });
    expect(Object.keys(sgd[0]!.inputs)).toHaveLength(8);

    const slots = { moment1: zeroSlots(weights), moment2: zeroSlots(weights) };
    const adam = stub(KERNELS.adamUpdate, [[2], [3000], [1], [3], [3000], [3], [3000]]);
    adamUpdate({ ...common, ...slots, step: 3, decay: 'decoupled' });
    await expect(slots.moment2[0]!).toBeAllClose([6, 6, 6]);
    const betas = { beta1: 0.9, beta2: 0.999, epsilon: 1e-7, step: 3 };
    expect(adam[0]!.attrs).toEqual({ ...rates, ...betas, decoupled: true });
    expect(Object.keys(adam[0]!.inputs)).toEqual(
      expect.arrayContaining(['moment10', 'moment11', 'moment20', 'moment21']),
    );
  });

  it('kernels of both updates that are given tensors for what changes', () => {
    const weights = [tf.variable(vector(1, 2))];
    const common = { weights, gradients: [vector(4, 5)], learningRate: tf.scalar(0.5) };
    const sgd = stub(KERNELS.sgdMomentumUpdate, [[2], [2]]);
    sgdMomentumUpdate({ ...common, velocity: zeroSlots(weights) });
    const { inputs, attrs } = sgd[0]!;
    expect(inputs).toEqual({ weight0: [1, 2], gradient0: [4, 5], velocity0: [0, 0], learningRate: [0.5] });
    expect(attrs).not.toHaveProperty('learningRate');
    const adam = stub(KERNELS.adamUpdate, [[2], [2], [2]]);
    const slots = { moment1: zeroSlots(weights), moment2: zeroSlots(weights) };
    adamUpdate({ ...common, ...slots, step: tf.scalar(3) });
    expect(adam[0]!.inputs).toMatchObject({ learningRate: [0.5], step: [3] });
    expect(adam[0]!.attrs).not.toHaveProperty('learningRate');
    expect(adam[0]!.attrs).not.toHaveProperty('step');
  });

  it('an update that moves weights and slots in place', async () => {
    tf.registerKernel({
      kernelName: KERNELS.sgdMomentumUpdate,
      backendName: 'cpu',
      kernelFunc({ inputs, backend }) {
        const cpu = backend as CpuBackend;
        return ['weight0', 'velocity0'].map((name) => {
          const info = inputs[name] as tf.TensorInfo;
          const values = cpu.data.get(info.dataId).values;
          for (let i = 0; i < values.length; i++) values[i]! += 1;
          cpu.incRef(info.dataId);
          return { dataId: info.dataId, shape: info.shape, dtype: info.dtype };
        });
      },
    });
    registered.push(KERNELS.sgdMomentumUpdate);
    const before = tf.memory();
    const weight = tf.tidy(() => tf.variable(tf.tensor1d([1, 2])));
    const { dataId } = weight;
    const optimizer = new FusedSgd({ learningRate: 0.5 });
    const gradient = vector(4, 5);
    const step = () => optimizer.applyGradients([{ name: weight.name, tensor: gradient }]);
    step();
    expectNoLeak(step);
    expect(weight.dataId).toBe(dataId);
    const steps = optimizer.iterations;
    await expect(weight).toBeAllClose([1 + steps, 2 + steps]);
    expect((await optimizer.exportState()).slots.velocity).toEqual(new Float32Array([steps, steps]));
    // Nor does it hold data that nothing refers to any more.
    for (const owner of [optimizer, weight, gradient]) owner.dispose();
    const { numTensors, numDataBuffers, numBytes } = tf.memory();
    expect({ numTensors, numDataBuffers, numBytes }).toEqual({
      numTensors: before.numTensors,
      numDataBuffers: before.numDataBuffers,
      numBytes: before.numBytes,
    });
  });

  it('kernels of one name each', () => {
    expect(new Set(Object.values(KERNELS)).size).toBe(Object.keys(KERNELS).length);
    for (const name of Object.values(KERNELS)) expect(tf.getKernel(name, 'cpu')).toBeUndefined();
  });
});
