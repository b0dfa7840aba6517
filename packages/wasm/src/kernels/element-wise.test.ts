import '../index.ts';
import { openTestBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { expectParity, type Input, random, valueAndGradients } from '../testing/parity.ts';
import { jointAxes } from './element-wise.ts';

type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

const COMPARISONS = {
  equal: tf.equal,
  notEqual: tf.notEqual,
  greater: tf.greater,
  greaterEqual: tf.greaterEqual,
  less: tf.less,
  lessEqual: tf.lessEqual,
} satisfies Record<string, Binary>;
const EXTREMES = { maximum: tf.maximum, minimum: tf.minimum } satisfies Record<string, Binary>;
const all = Object.entries({ ...COMPARISONS, ...EXTREMES });

const SHAPES: [number[], number[]][] = [
  [[], []],
  [[1], [1, 1]],
  [[37], [37]],
  [
    [3, 5, 7, 9],
    [3, 5, 7, 9],
  ],
  [[3, 5, 7, 9], []],
  [[], [16, 3]],
  [[3, 5, 7, 9], [9]],
  [[64], [3, 5, 64]],
  [
    [2, 4, 4, 18],
    [2, 1, 1, 18],
  ],
  [
    [5, 33],
    [5, 1],
  ],
  [
    [5, 1, 7, 1],
    [6, 1, 20],
  ],
  [
    [1, 4],
    [4, 1],
  ],
  [[0, 4], [4]],
];

/** Few different numbers, so that many are equal. */
const whole = (shape: number[], seed: number): Input & { values: Int32Array } => ({
  shape,
  values: Int32Array.from(random(shape, seed).values, (value) => Math.round(2 * value)),
  dtype: 'int32',
});
const floats = (shape: number[], seed: number): Input => ({
  shape,
  values: Float32Array.from(whole(shape, seed).values, (value) => value / 4),
});

describe.each(SHAPES)('%j and %j', (a, b) => {
  it.each(all)('%s against cpu', async (_, f) => {
    await expectParity([floats(a, 1), floats(b, 2)], (x, y) => f(x!, y!));
    await expectParity([whole(a, 1), whole(b, 2)], (x, y) => f(x!, y!));
  });
});

it.each(all)('%s of zeros, and of what is not finite', async (_, f) => {
  const values = [0, -0, 1, -1, Infinity, -Infinity, Number.NaN, 2 ** -149];
  const a = { shape: [8, 1], values };
  await expectParity([a, { shape: [1, 8], values }], (x, y) => f(x!, y!));
});

it.each(all)('%s at the ends of integers', async (_, f) => {
  const values = [0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 2 ** 24, 2 ** 24 + 1];
  const a: Input = { shape: [7, 1], values: Int32Array.from(values), dtype: 'int32' };
  await expectParity([a, { ...a, shape: [1, 7] }], (x, y) => f(x!, y!));
});

it('keeps the sign of zero', async () => {
  await openTestBackend('wasm');
  const [plus, minus] = [tf.tensor1d([0, 0]), tf.tensor1d([-0, -0])];
  expect([...(await tf.maximum(plus, minus).data()), ...(await tf.minimum(plus, minus).data())]).toEqual([
    0, 0, -0, -0,
  ]);
});

it.each<[string, (x: tf.Tensor) => tf.Tensor]>([
  ['max over pixels', (x) => tf.max(x, [1, 2])],
  ['min over channels', (x) => tf.min(x, -1)],
  ['maximum', (x) => tf.maximum(x, 0.1)],
  ['minimum', (x) => tf.minimum(tf.scalar(0.1), x)],
  ['abs', (x) => tf.abs(x)],
  ['selu', (x) => tf.selu(x)],
  ['prelu', (x) => tf.prelu(x, tf.linspace(-1, 1, 6))],
])('what is made of them has its gradient: %s', async (_, f) => {
  await expectParity(
    [random([3, 4, 5, 6])],
    valueAndGradients((x) => f(x!)),
  );
});

it('leaves two types, and truth values, to TF.js', async () => {
  await openTestBackend('wasm');
  const truth = tf.tensor1d([1, 0, 1], 'bool');
  await expect(tf.equal(truth, tf.tensor1d([1, 1, 0], 'bool'))).toBeAllClose([1, 0, 0]);
  await expect(tf.greater(tf.tensor1d([1, 2], 'int32'), tf.tensor1d([1.5, 1.5]))).toBeAllClose([0, 1]);
});

it('goes over as few axes as can be', () => {
  expect(jointAxes([2, 3, 4], [2, 3, 4], [2, 3, 4])).toEqual([{ length: 24, steps: [1, 1] }]);
  expect(jointAxes([2, 3, 4], [], [2, 3, 4])).toEqual([{ length: 24, steps: [1, 0] }]);
  expect(jointAxes([2, 3, 4], [4], [2, 3, 4])).toEqual([
    { length: 6, steps: [4, 0] },
    { length: 4, steps: [1, 1] },
  ]);
  expect(jointAxes([2, 3, 5, 4], [2, 1, 1, 4], [2, 3, 5, 4])).toEqual([
    { length: 2, steps: [60, 4] },
    { length: 15, steps: [4, 0] },
    { length: 4, steps: [1, 1] },
  ]);
  expect(jointAxes([1, 1], [], [1, 1])).toEqual([{ length: 1, steps: [1, 1] }]);
});
