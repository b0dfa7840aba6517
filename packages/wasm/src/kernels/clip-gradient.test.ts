import '../index.ts';
import { openTestBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { expectParity, random, valueAndGradients } from '../testing/parity.ts';

const FUNCTIONS: [string, (x: tf.Tensor) => tf.Tensor][] = [
  ['relu', (x) => tf.relu(x)],
  ['relu6', (x) => tf.relu6(x)],
  ['clipByValue', (x) => tf.clipByValue(x, -0.5, 0.25)],
];

describe.each(FUNCTIONS)('%s', (_, f) => {
  const scaled = (x: tf.Tensor) => f(tf.mul(x, 4));

  it.each([[[3, 5, 7, 9]], [[16]], [[1]], [[3]], [[]], [[0, 4]], [[64, 1031]]])(
    'of shape %j, against cpu',
    async (shape) => {
      await expectParity([random(shape)], valueAndGradients(scaled));
    },
  );

  it('at its ends, at zeros, and of what is not finite', async () => {
    const values = [-0, 0, 2 ** -149, -(2 ** -149), 6, 6.000001, -0.5, 0.25, -0.500001, 0.250001].map(Math.fround);
    const x = { shape: [13], values: Float32Array.of(...values, Number.NaN, Infinity, -Infinity) };
    await expectParity([x], (v) => tf.grad(f)(v!, tf.range(1, 14)));
  });
});

it('is one kernel', async () => {
  await openTestBackend('wasm');
  const x = tf.tensor1d([-1, 1, 9]);
  const dy = tf.ones([3]);
  for (const [, f] of FUNCTIONS) {
    const { kernels } = await tf.profile(() => tf.grad(f)(x, dy));
    const names = kernels.map(({ name }) => name).filter((name) => tf.getKernel(name, 'wasm'));
    const forward = ['Identity', tf.Relu, tf.Relu6, tf.ClipByValue];
    expect(names.filter((name) => !forward.includes(name))).toEqual(['StridelabClipGradient']);
  }
});

it('leaves integers to TF.js', async () => {
  await openTestBackend('wasm');
  expect(tf.relu(tf.tensor1d([-3, 0, 7], 'int32')).dataSync()).toEqual(Int32Array.of(0, 0, 7));
});

it('leaves a gradient of a gradient to TF.js', async () => {
  await openTestBackend('wasm');
  const squares = (v: tf.Tensor) => tf.sum(tf.square(tf.relu(v)));
  const penalty = (v: tf.Tensor) => tf.sum(tf.square(tf.grad(squares)(v)));
  await expect(tf.grad(penalty)(tf.tensor1d([-3, 0.5, 7]))).toBeAllClose([0, 4, 56]);
});
