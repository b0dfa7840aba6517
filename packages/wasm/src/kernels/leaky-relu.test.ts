import '../index.ts';
import { openTestBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { expectParity, random, valueAndGradients } from '../testing/parity.ts';

it.each([[[3, 5, 7, 9]], [[16]], [[1]], [[3]], [[]], [[0, 4]], [[64, 1031]]])('of %j, against cpu', async (shape) => {
  for (const alpha of [0, 0.2, 1, 1.5, -1]) {
    await expectParity(
      [random(shape)],
      valueAndGradients((x) => tf.leakyRelu(x!, alpha)),
    );
  }
});

it('at zeros, and of what is not finite', async () => {
  const x = { shape: [6], values: [-0, 0, 2 ** -149, Number.NaN, Infinity, -Infinity] };
  await expectParity([x], (v) => [tf.leakyRelu(v!, 0.2), tf.grad((w) => tf.leakyRelu(w, 0.2))(v!, tf.range(1, 7))]);
});

it('leaves zeros as they are, whatever alpha is', async () => {
  await openTestBackend('wasm');
  for (const alpha of [-0.2, Infinity]) {
    expect([...(await tf.leakyRelu(tf.tensor1d([0, -0]), alpha).data())]).toEqual([0, -0]);
  }
});

it('is one kernel, and so is its gradient', async () => {
  await openTestBackend('wasm');
  const { kernels } = await tf.profile(() => tf.grad((x) => tf.leakyRelu(x))(tf.tensor1d([-1, 2]), tf.ones([2])));
  const names = kernels.map(({ name }) => name).filter((name) => name !== 'Identity');
  expect(names).toEqual(['LeakyRelu', 'StridelabLeakyReluGradient']);
});

it('leaves integers to TF.js', async () => {
  await openTestBackend('wasm');
  await expect(tf.leakyRelu(tf.tensor1d([-10, 10], 'int32'), 0.5)).toBeAllClose([-5, 10]);
});
