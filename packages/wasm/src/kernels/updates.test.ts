import '../index.ts';
import { expectNoLeak, openTestBackend } from '@stridelab/test-kit';
import { adamUpdate, FusedAdam, sgdMomentumUpdate, zeroSlots } from '@stridelab/train-ops';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { expectParity, random } from '../testing/parity.ts';

// Large ones, small ones of one bucket, a scalar, lengths that are no multiple of four.
const SHAPES = [[3], [50, 101], [2, 2], [], [2049], [1, 5]];
const WEIGHTS = SHAPES.map((shape, i) => random(shape, i + 1));
const GRADIENTS = SHAPES.map((shape, i) => random(shape, i + 50));

type Options = { weightDecay?: number; decay?: 'l2' | 'decoupled'; decays?: number[]; asTensor?: boolean };
const OPTIONS: Options[] = [
  {},
  { asTensor: true },
  { weightDecay: 0.1, decays: [1, 1, 0, 0.5, 0, 1] },
  { weightDecay: 0.1, decay: 'decoupled', decays: [0, 1, 1, 1, 0, 0] },
];

type Update = (common: Parameters<typeof sgdMomentumUpdate>[0], step: number, slots: tf.Variable[][]) => void;

/** All weights and slots after three steps. */
function run(update: Update, { asTensor, ...options }: Options) {
  return (...inputs: tf.Tensor[]): tf.Tensor[] => {
    const weights = inputs.slice(0, SHAPES.length).map((value) => tf.variable(value));
    const slots = [0, 1].map(() => zeroSlots(weights, options.decays));
    const learningRate = asTensor ? tf.scalar(0.05) : 0.05;
    for (let step = 1; step <= 3; step++) {
      const gradients = inputs.slice(SHAPES.length).map((gradient) => tf.mul(gradient, step - 1.5));
      update({ ...options, weights, gradients, learningRate, velocity: slots[0]! }, step, slots);
    }
    const results = [...weights, ...slots.flat()].map((variable) => variable.clone());
    for (const variable of [...weights, ...slots.flat()]) variable.dispose();
    return results;
  };
}

const RULES: [string, (options: Options) => Update][] = [
  ['sgd', () => (common) => sgdMomentumUpdate({ ...common, momentum: 0.8 })],
  ['nesterov', () => (common) => sgdMomentumUpdate({ ...common, nesterov: true })],
  [
    'adam',
    ({ asTensor }) =>
      ({ velocity: _, ...common }, step, [moment1, moment2]) =>
        adamUpdate({ ...common, moment1: moment1!, moment2: moment2!, step: asTensor ? tf.scalar(step) : step }),
  ],
];

describe.each(RULES)('%s', (_, rule) => {
  it.each(OPTIONS)('%j', async (options) => {
    await expectParity([...WEIGHTS, ...GRADIENTS], run(rule(options), options), 1e-6);
  });
});

describe('an update', () => {
  const setUp = async () => {
    await openTestBackend('wasm');
    const weight = tf.tidy(() => tf.variable(tf.tensor1d([1, 2, 3, 4, 5])));
    const [velocity] = tf.tidy(() => zeroSlots([weight]));
    const gradient = tf.ones<tf.Rank.R1>([5]);
    const step = () =>
      sgdMomentumUpdate({ weights: [weight], gradients: [gradient], velocity: [velocity!], learningRate: 1 });
    return { weight, velocity: velocity!, gradient, step };
  };
  const idsOf = (...tensors: tf.Tensor[]) => tensors.map(({ dataId }) => dataId);

  it('is one kernel, in place', async () => {
    const { weight, velocity, step } = await setUp();
    const ids = idsOf(weight, velocity);
    const { kernelNames, peakBytes, newBytes } = await tf.profile(() => step() as never);
    expect(kernelNames).toEqual(['StridelabSgdMomentumUpdate']);
    expect(newBytes).toBe(0);
    expect(peakBytes).toBeGreaterThan(0);
    expect(idsOf(weight, velocity)).toEqual(ids);
    expect([...weight.dataSync()]).toEqual([0, 1, 2, 3, 4]);
    expectNoLeak(step);
  });

  it('changes nothing that others hold: copies, and what the weight or its slot was made of', async () => {
    const { weight, velocity, gradient, step } = await setUp();
    const copy = weight.clone();
    velocity.assign(gradient);
    step();
    expect([...copy.dataSync()]).toEqual([1, 2, 3, 4, 5]);
    expect([...gradient.dataSync()]).toEqual([1, 1, 1, 1, 1]);
    expect(weight.dataSync()[0]).toBeCloseTo(1 - 1.9);
    expect(weight.dataId).not.toBe(copy.dataId);
    const ids = idsOf(weight, velocity);
    copy.dispose();
    step(); // nobody else holds the new ones
    expect(idsOf(weight, velocity)).toEqual(ids);
  });

  it.each<[string, number[], (weight: tf.Tensor) => tf.Tensor]>([
    [
      'conv2d',
      [3, 3, 2, 4],
      (weight) => tf.conv2d(tf.ones<tf.Rank.R4>([1, 4, 4, 2]), weight as tf.Tensor4D, 1, 'same'),
    ],
    [
      'depthwise',
      [3, 3, 4, 1],
      (weight) => tf.depthwiseConv2d(tf.ones<tf.Rank.R4>([1, 4, 4, 4]), weight as tf.Tensor4D, 1, 'same'),
    ],
    [
      'fused conv2d',
      [3, 3, 2, 4],
      (weight) =>
        tf.fused.conv2d({
          x: tf.ones<tf.Rank.R4>([1, 4, 4, 2]),
          filter: weight as tf.Tensor4D,
          strides: 1,
          pad: 'same',
          bias: weight.reshape([-1]).slice(0, 4),
        }),
    ],
    ['matMul', [4, 5], (weight) => tf.matMul(tf.ones([3, 4]), weight as tf.Tensor2D)],
    [
      'fused matMul',
      [4, 5],
      (weight) => tf.fused.matMul({ a: tf.ones([3, 4]), b: weight, bias: weight.reshape([-1]).slice(0, 5) }),
    ],
    ['prelu', [4], (weight) => tf.prelu(tf.fill([3, 4], -1), weight)],
  ])('is seen by %s, for which TF.js packs the weight', async (_, shape, use) => {
    const start = random(shape);
    await expectParity([start], (value) => {
      const weight = tf.variable(value!);
      const velocity = zeroSlots([weight]);
      const before = use(weight);
      for (let step = 0; step < 2; step++) {
        sgdMomentumUpdate({ weights: [weight], gradients: [tf.ones(shape)], velocity, learningRate: 1 });
        tf.dispose(use(weight));
      }
      const results = [before, use(weight)];
      for (const variable of [weight, ...velocity]) variable.dispose();
      return results;
    });
  });

  it('takes what another backend has, and leaves alone what is shared there', async () => {
    await openTestBackend('cpu');
    const weight = tf.variable(tf.tensor1d([1, 2]));
    const copy = weight.clone();
    const [velocity] = zeroSlots([weight]);
    const gradient = tf.ones<tf.Rank.R1>([2]);
    await openTestBackend('wasm');
    sgdMomentumUpdate({ weights: [weight], gradients: [gradient], velocity: [velocity!], learningRate: 1 });
    expect([...weight.dataSync()]).toEqual([0, 1]);
    expect([...copy.dataSync()]).toEqual([1, 2]);
    expect([...velocity!.dataSync()]).toEqual([1, 1]);
  });

  it('goes on from an exported state as if nothing had happened, to the bit', async () => {
    await openTestBackend('wasm');
    const start = tf.tensor1d([1, -2, 3]);
    const straight = tf.variable(start);
    const stopped = tf.variable(start);
    const [one, two, three] = [1, 2, 3].map(() => new FusedAdam({ learningRate: 0.1 })) as [
      FusedAdam,
      FusedAdam,
      FusedAdam,
    ];
    const step = (optimizer: FusedAdam, variable: tf.Variable, i: number) =>
      optimizer.applyGradients([{ name: variable.name, tensor: tf.tensor1d([i, 1, -i]) }]);
    for (let i = 0; i < 4; i++) step(one, straight, i);
    for (let i = 0; i < 2; i++) step(two, stopped, i);
    three.importState(await two.exportState());
    for (let i = 2; i < 4; i++) step(three, stopped, i);
    expect([...stopped.dataSync()]).toEqual([...straight.dataSync()]);
  });
});
