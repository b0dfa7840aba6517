// Both updates: beside TF.js's own optimizers, beside their definitions in float64, and what they refuse.
import { expectNamedError, expectNoLeak, forEachBackend, randomValues } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bucketsOf } from './buckets.ts';
import { adamUpdate, sgdMomentumUpdate, TrainOpsError, zeroSlots } from './index.ts';

/** Two large parameters among small ones, a scalar too. */
const SHAPES = [[3], [50, 50], [2, 2], [], [2049], [1, 4]];
const STEPS = 3;

const values = (seed: number) =>
  SHAPES.map((shape, i) =>
    tf.tensor(
      randomValues(
        shape.reduce((a, b) => a * b, 1),
        seed + i,
      ),
      shape,
    ),
  );
const makeWeights = () => values(1).map((value) => tf.variable(value));
const gradientsOf = (step: number) => values(100 * step);

type Rule = 'sgd' | 'nesterov' | 'adam';
interface Decay {
  weightDecay?: number;
  decay?: 'l2' | 'decoupled';
  decays?: number[];
}

/** All steps of one rule; the caller disposes of nothing, as in a tidy. */
function run(rule: Rule, options: Decay, asTensor = false): tf.Variable[] {
  const given = (value: number) => (asTensor ? tf.scalar(value) : value);
  const weights = makeWeights();
  const slots = [0, 1].map(() => zeroSlots(weights, options.decays));
  for (let step = 1; step <= STEPS; step++) {
    const common = { ...options, weights, gradients: gradientsOf(step), learningRate: given(0.05) };
    if (rule === 'adam') adamUpdate({ ...common, moment1: slots[0]!, moment2: slots[1]!, step: given(step) });
    else sgdMomentumUpdate({ ...common, velocity: slots[0]!, momentum: 0.8, nesterov: rule === 'nesterov' });
  }
  return weights;
}

/** The definitions, number by number in float64. */
function naive(rule: Rule, i: number, { weightDecay = 0, decay = 'l2', decays }: Decay): number[] {
  const own = weightDecay * (decays?.[i] ?? 1);
  const [l2, decoupled] = decay === 'l2' ? [own, 0] : [0, own];
  const weights = Array.from(values(1)[i]!.dataSync());
  const gradients = Array.from({ length: STEPS }, (_, step) => gradientsOf(step + 1)[i]!.dataSync());
  return weights.map((start, at) => {
    let [weight, first, second] = [start, 0, 0];
    for (const [step, all] of gradients.entries()) {
      const gradient = all[at]! + l2 * weight;
      const shrunk = weight - 0.05 * decoupled * weight;
      if (rule === 'adam') {
        first = 0.9 * first + 0.1 * gradient;
        second = 0.999 * second + 0.001 * gradient ** 2;
        const corrected = Math.sqrt(second / (1 - 0.999 ** (step + 1))) + 1e-7;
        weight = shrunk - (0.05 * first) / (1 - 0.9 ** (step + 1)) / corrected;
      } else {
        first = 0.8 * first + gradient;
        weight = shrunk - 0.05 * (rule === 'nesterov' ? gradient + 0.8 * first : first);
      }
    }
    return weight;
  });
}

it('small parameters share a bucket, those that decay alike', () => {
  const sizes = SHAPES.map((shape) => ({ size: shape.reduce((a, b) => a * b, 1) }));
  expect(bucketsOf(sizes).map(({ members }) => members)).toEqual([[0, 2, 3, 5], [1], [4]]);
  expect(bucketsOf(sizes, [1, 1, 0, 0, 1, 1])).toEqual([
    { members: [0, 5], decay: 1 },
    { members: [1], decay: 1 },
    { members: [2, 3], decay: 0 },
    { members: [4], decay: 1 },
  ]);
});

describe.each<Rule>(['sgd', 'nesterov', 'adam'])('%s', (rule) => {
  it.each<Decay>([
    {},
    { weightDecay: 0.1 },
    { weightDecay: 0.1, decay: 'decoupled' },
    { weightDecay: 0.1, decays: [1, 1, 0, 0.5, 0, 1] },
    { weightDecay: 0.1, decay: 'decoupled', decays: [0, 0, 1, 1, 1, 0] },
  ])('is its definition with %j', async (options) => {
    for (const [i, weight] of run(rule, options).entries()) {
      await expect(weight).toBeAllClose(naive(rule, i, options), { relative: 3e-6 });
    }
  });
});

forEachBackend((backend) => {
  it.each([
    ['sgd', () => tf.train.momentum(0.05, 0.8)],
    ['nesterov', () => tf.train.momentum(0.05, 0.8, true)],
    ['adam', () => tf.train.adam(0.05, 0.9, 0.999, 1e-7)], // on webgl TF.js's default epsilon is 1e-4
  ] as const)('%s takes the steps that TF.js takes', async (rule, stock) => {
    const weights = makeWeights();
    const optimizer = stock();
    for (let step = 1; step <= STEPS; step++) {
      const gradients = gradientsOf(step);
      optimizer.applyGradients(weights.map(({ name }, i) => ({ name, tensor: gradients[i]! })));
    }
    const ours = run(rule, {});
    for (const [i, weight] of ours.entries()) {
      expect(weight.shape).toEqual(SHAPES[i]);
      await expect(weight).toBeAllClose(weights[i]!, { relative: 3e-6 });
    }
  });

  it.each<Rule>(['sgd', 'nesterov', 'adam'])('%s takes the same steps where its rates are tensors', async (rule) => {
    const options: Decay = { weightDecay: 0.1, decay: 'decoupled' };
    const numbers = run(rule, options);
    for (const [i, weight] of run(rule, options, true).entries()) {
      // 1 - beta2^step is exp(x) - 1 in float32 on webgpu.
      await expect(weight).toBeAllClose(numbers[i]!, { relative: 1e-4 });
    }
  });

  describe.skipIf(backend !== 'webgl')('adam in half precision', () => {
    beforeAll(() => tf.env().set('WEBGL_RENDER_FLOAT32_ENABLED', false));
    afterAll(() => tf.env().set('WEBGL_RENDER_FLOAT32_ENABLED', true));

    it.each([0, 1e-3, 4e-3, 0.02, 0.25])('is no faster than its rate for gradients of %d', async (gradient) => {
      const [rate, steps] = [2 ** -7, 200];
      const weights = [tf.variable(tf.zeros([3000]))];
      const [moment1, moment2] = [zeroSlots(weights), zeroSlots(weights)];
      const gradients = [tf.fill([3000], gradient)];
      for (let step = 1; step <= steps; step++) {
        adamUpdate({ weights, gradients, moment1, moment2, learningRate: rate, step });
      }
      const way = -(await weights[0]!.data())[0]!;
      if (gradient === 0) expect(way).toBe(-0);
      else expect(way).toBeGreaterThan(0.05 * rate * steps);
      expect(way).toBeLessThan(1.1 * rate * steps);
    });
  });

  it('changes nothing that was read or copied before', async () => {
    const weights = makeWeights();
    const copies = weights.map((weight) => weight.clone());
    const read = await Promise.all(weights.map((weight) => weight.data()));
    const numbers = read.map((values) => Array.from(values));
    const velocity = zeroSlots(weights);
    sgdMomentumUpdate({ weights, gradients: gradientsOf(1), velocity, learningRate: 1 });
    expect(Array.from(await weights[1]!.data())).not.toEqual(numbers[1]);
    expect(read.map((values) => Array.from(values))).toEqual(numbers);
    for (const [i, copy] of copies.entries()) expect(Array.from(await copy.data())).toEqual(numbers[i]);
  });

  it('leaks nothing', () => {
    const weights = makeWeights();
    const gradients = gradientsOf(1);
    const [velocity, moment1, moment2] = [zeroSlots(weights), zeroSlots(weights), zeroSlots(weights)];
    const common = { weights, gradients, learningRate: 0.1, weightDecay: 0.1 };
    expectNoLeak(() => sgdMomentumUpdate({ ...common, velocity }));
    expectNoLeak(() => adamUpdate({ ...common, moment1, moment2, step: 1, decay: 'decoupled' }));
    const [learningRate, step] = [tf.scalar(0.1), tf.scalar(1)];
    expectNoLeak(() => sgdMomentumUpdate({ ...common, velocity, learningRate }));
    expectNoLeak(() => adamUpdate({ ...common, moment1, moment2, learningRate, step }));
  });
});

describe('a call that cannot be', () => {
  const weights = () => [tf.variable(tf.ones([2])), tf.variable(tf.ones([3]))];
  const call = (change: object) => () => {
    const given = weights();
    const gradients = [tf.ones([2]), tf.ones([3])];
    sgdMomentumUpdate({ weights: given, gradients, velocity: zeroSlots(given), learningRate: 1, ...change });
  };
  it.each<[string, () => unknown, string]>([
    ['nothing', call({ weights: [], gradients: [] }), 'there must be a weight, got []'],
    ['gradients', call({ gradients: [tf.ones([2])] }), 'gradients must be 2, one for each weight, got 1'],
    ['shape', call({ gradients: [tf.ones([2]), tf.ones([4])] }), 'gradients[1] must have shape [3], got [4]'],
    ['tensors', call({ weights: [tf.ones([2]), tf.ones([3])] }), 'weights[0] must be a variable, got a Tensor'],
    ['rate', call({ learningRate: Number.NaN }), 'learningRate must be a finite number >= 0, got NaN'],
    ['shape of the rate', call({ learningRate: tf.ones([1]) }), 'learningRate must have shape [], got [1]'],
    ['type of the rate', call({ learningRate: tf.scalar(1, 'int32') }), "learningRate must be float32, got 'int32'"],
    ['momentum', call({ momentum: 1 }), 'momentum must be in [0, 1), got 1'],
    ['decay', call({ decay: 'l1' }), "decay must be 'l2' or 'decoupled', got 'l1'"],
    ['decays', call({ decays: [1] }), 'decays must be 2 numbers >= 0, one for each weight, got [1]'],
    ['slots', call({ velocity: [] }), 'velocity must be what zeroSlots makes for these weights, got []'],
    ['slot', call({ velocity: [tf.variable(tf.ones([4]))] }), 'velocity[0] must have shape [5], got [4]'],
  ])('is refused by a named error: %s', async (_, action, rule) => {
    await expectNamedError(action, TrainOpsError, `train-ops.sgdMomentumUpdate: ${rule}`);
  });

  it('is refused by a named error: step', async () => {
    const given = weights();
    const slots = { moment1: zeroSlots(given), moment2: zeroSlots(given) };
    const options = { weights: given, gradients: [tf.ones([2]), tf.ones([3])], learningRate: 1, ...slots };
    for (const [step, rule] of [
      [0, 'step must be an integer >= 1, got 0'],
      [tf.ones([1]), 'step must have shape [], got [1]'],
      [tf.scalar(1, 'int32'), "step must be float32, got 'int32'"],
    ] as const) {
      const call = () => adamUpdate({ ...options, step: step as number });
      await expectNamedError(call, TrainOpsError, `train-ops.adamUpdate: ${rule}`);
    }
  });
});
