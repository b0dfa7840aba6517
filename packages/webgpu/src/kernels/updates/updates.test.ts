import '../../index.ts';
import { openTestBackend, randomValues } from '@stridelab/test-kit';
import { takeGpuErrors } from '@stridelab/test-kit/backends';
import { adamUpdate, sgdMomentumUpdate, zeroSlots } from '@stridelab/train-ops';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { expectParity, random } from '../../testing/parity.ts';
import { pack } from './pack.ts';

/** Two large parameters among small ones, sizes that four divides and others, a scalar, and one of several workgroups. */
const SHAPES = [[3], [50, 50], [2, 2], [], [2049], [1, 4], [8], [3, 3, 40, 24], [16], [6]];
const STEPS = 3;

type Kind = 'sgd' | 'plain' | 'nesterov' | 'adam';
type Options = Partial<Parameters<typeof sgdMomentumUpdate>[0]>;

/** Weights and slots after some steps. */
function stepper(kind: Kind, options: Options, rates: 'numbers' | 'tensors') {
  return (...values: tf.Tensor[]) => {
    const given = (value: number) => (rates === 'tensors' ? tf.scalar(value) : value);
    const weights = values.map((value) => tf.variable(tf.clone(value)));
    const slots = [0, 1].map(() => zeroSlots(weights, options.decays));
    for (let step = 1; step <= STEPS; step++) {
      const gradients = SHAPES.map((shape, i) => {
        return tf.tensor(randomValues(tf.util.sizeFromShape(shape), 100 * step + i), shape);
      });
      const common = { ...options, weights, gradients, learningRate: given(0.05) };
      if (kind === 'adam') adamUpdate({ ...common, moment1: slots[0]!, moment2: slots[1]!, step: given(step) });
      else {
        const momentum = kind === 'plain' ? 0 : 0.8;
        sgdMomentumUpdate({ ...common, velocity: slots[0]!, momentum, nesterov: kind === 'nesterov' });
      }
    }
    const used = [...weights, ...(kind === 'adam' ? slots.flat() : slots[0]!)];
    const results = used.map((variable) => tf.clone(variable));
    for (const variable of [...weights, ...slots.flat()]) variable.dispose();
    return results;
  };
}

const inputs = SHAPES.map((shape, i) => random(shape, i + 1));
const decays = [1, 1, 0, 0, 1, 0.5, 1, 1, 0, 1];

describe.each(['sgd', 'plain', 'nesterov', 'adam'] as const)('%s', (kind) => {
  it.each([
    ['no decay', {}],
    ['decay', { weightDecay: 0.1, decays }],
    ['decoupled decay', { weightDecay: 0.1, decay: 'decoupled', decays }],
  ] as [string, Options][])('%s', async (_, options) => {
    const run = vi.spyOn(tf.engine(), 'runKernel');
    await expectParity(inputs, stepper(kind, options, 'numbers'), 1e-5);
    const name = kind === 'adam' ? 'StridelabAdamUpdate' : 'StridelabSgdMomentumUpdate';
    expect(run.mock.calls.filter(([called]) => called === name).length % STEPS).toBe(0);
    expect(run.mock.calls.map(([called]) => called)).toContain(name);
    await expectParity(inputs, stepper(kind, options, 'tensors'), 1e-5);
  });
});

describe('step by step', () => {
  const variables: tf.Variable[] = [];
  const variableOf = (value: tf.Tensor) => {
    const made = tf.variable(value);
    variables.push(made);
    return made;
  };
  afterEach(async () => {
    tf.dispose(variables.splice(0));
    expect(await takeGpuErrors()).toEqual([]);
  });

  it('keeps the digits of a late step and of a small beta', async () => {
    await openTestBackend('webgpu');
    for (const [step, beta1, beta2] of [
      [1, 0.9, 0.999],
      [700, 0.9, 0.999],
      [100_000, 0.9, 0.9999],
      [2, 0, 0.5],
    ] as const) {
      const next = (rates: (value: number) => number | tf.Scalar) => {
        const weights = [variableOf(tf.tensor1d([1, 2, 3]))];
        const slots = [0, 1].map(() => zeroSlots(weights));
        variables.push(...slots.flat());
        const common = { weights, gradients: [tf.tensor1d([3, 0.1, -1])], moment1: slots[0]!, moment2: slots[1]! };
        adamUpdate({ ...common, learningRate: rates(0.5), step: rates(step), beta1, beta2 });
        return weights[0]!.data();
      };
      await expect(await next((value) => tf.scalar(value))).toBeAllClose(await next((value) => value), {
        relative: 1e-6,
      });
    }
  });

  it('works in place, and shows new values to who has read old ones', async () => {
    await openTestBackend('webgpu');
    const weights = [20, 2].map((size) => tf.tidy(() => variableOf(tf.mul(tf.ones([size]), 2))));
    const velocity = zeroSlots(weights);
    variables.push(...velocity);
    const before = weights.map(({ dataId }) => dataId);
    await weights[0]!.data();
    const gradients = weights.map(({ shape }) => tf.ones(shape));
    sgdMomentumUpdate({ weights, gradients, velocity, learningRate: 0.5 });
    expect(weights.map(({ dataId }, i) => dataId === before[i])).toEqual([true, true]);
    for (const weight of weights) await expect(weight).toBeAllClose(Array(weight.size).fill(1.5));
    sgdMomentumUpdate({ weights, gradients, velocity, learningRate: 0.5 });
    for (const weight of weights) await expect(weight).toBeAllClose(Array(weight.size).fill(1.5 - 0.5 * 1.9));
  });

  it('leaves alone what others share, whatever is shared', async () => {
    await openTestBackend('webgpu');
    const row = (first: number) => Array.from({ length: 20 }, (_, i) => first + i);
    const start = tf.tensor1d(row(1));
    const seen = tf.clone(start);
    const twins = [variableOf(start), variableOf(start)];
    const own = tf.tidy(() => variableOf(tf.tensor1d(row(5))));
    const weights = [...twins, own];
    const velocity = zeroSlots(weights);
    variables.push(...velocity);
    // The gradient of |w|^2 / 2 is the weight, and may be the very tensor.
    sgdMomentumUpdate({ weights, gradients: [twins[0]!, seen, own], velocity, learningRate: 0.5, momentum: 0 });
    await expect(seen).toBeAllClose(row(1));
    await expect(start).toBeAllClose(row(1));
    for (const twin of twins) await expect(twin).toBeAllClose(row(1).map((value) => value / 2));
    await expect(own).toBeAllClose(row(5).map((value) => value / 2));
    await expect(velocity[0]!).toBeAllClose([...row(1), ...row(1), ...row(5)]);
  });

  it('updates integers that were cast to floats', async () => {
    await openTestBackend('webgpu');
    const weights = [variableOf(tf.cast(tf.tensor1d([1, 2, 3], 'int32'), 'float32'))];
    const velocity = zeroSlots(weights);
    variables.push(...velocity);
    sgdMomentumUpdate({ weights, gradients: [tf.ones([3])], velocity, learningRate: 0.25 });
    sgdMomentumUpdate({ weights, gradients: [tf.ones([3])], velocity, learningRate: 0.25, momentum: 0 });
    await expect(weights[0]!).toBeAllClose([0.5, 1.5, 2.5]);
  });

  it('updates many parameters in few dispatches', async () => {
    await openTestBackend('webgpu');
    const weights = Array.from({ length: 20 }, (_, i) => tf.tidy(() => variableOf(tf.ones([i % 3 ? 24 : 3000]))));
    const velocity = zeroSlots(weights);
    variables.push(...velocity);
    const gradients = weights.map(({ shape }) => tf.ones(shape));
    const dispatched = vi.spyOn(GPUComputePassEncoder.prototype, 'dispatchWorkgroups');
    const update = () => sgdMomentumUpdate({ weights, gradients, velocity, learningRate: 0.5 });
    update();
    dispatched.mockClear();
    update();
    // Eight buffers: a large parameter takes three; small ones two each and one together.
    expect(dispatched).toHaveBeenCalledTimes(7);
    for (const weight of weights) await expect(weight).toBeAllClose(Array(weight.size).fill(1 - 0.5 - 0.5 * 1.9));
  });
});

it('packs what shares buffers together, and never more than may be bound', () => {
  const info = () => ({ dataId: {}, shape: [4], dtype: 'float32' }) as tf.TensorInfo;
  const alone = () => {
    const before = info();
    return { before, after: before };
  };
  const shared = alone();
  const item = (size: number, offset: number, slots = [alone()]) => ({
    ...{ weight: alone(), gradient: info(), slots },
    ...{ size, offset, decay: 0 },
  });
  const items = [item(8, 0), item(8, 0, [shared]), item(8, 8, [shared]), item(3, 16, [shared]), item(0, 19, [shared])];
  const sizesOf = (buffers: number) => pack(items, buffers).map((parts) => parts.items.map(({ size }) => size));
  expect(sizesOf(8)).toEqual([[8, 8, 8], [3]]);
  expect(sizesOf(7)).toEqual([[8, 8], [8], [3]]);
  expect(pack([{ ...item(8, 0), weight: { before: info(), after: info() } }, item(8, 0)], 6)).toHaveLength(2);
  expect(sizesOf(3)).toEqual([[8], [8], [8], [3]]);
  expect(pack(items, 8).map(({ width }) => width)).toEqual([4, 1]);
});
