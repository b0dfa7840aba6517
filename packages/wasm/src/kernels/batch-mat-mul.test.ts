import '../index.ts';
import { openTestBackend } from '@stridelab/test-kit';
import { flipped, PRODUCTS, product } from '@stridelab/test-kit/kernels/matrix-products';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { expectParity, random, valueAndGradients } from '../testing/parity.ts';

describe('matMul', () => {
  for (const [flipA, flipB] of [
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ] as const) {
    it.each(Object.entries(PRODUCTS))(`%s; flipped: ${flipA}, ${flipB}`, async (_, options) => {
      const own = flipped(options, flipA, flipB);
      // TF.js has no gradient for stacks of which one is repeated.
      const work = own.shared ? product(own) : valueAndGradients(product(own));
      await expectParity([random(own.a), random(own.b, 2)], work as never);
    });
  }

  it('of stacks that are both repeated', async () => {
    await expectParity([random([2, 1, 4, 5]), random([1, 3, 5, 6], 2)], (a, b) => tf.matMul(a!, b!));
  });

  it('refuses stacks that do not fit, as many matrices as they may hold', async () => {
    await openTestBackend('wasm');
    expect(() => tf.matMul(tf.ones([2, 3, 4, 5]), tf.ones([3, 2, 5, 6]))).toThrow(/could not be broadcast/);
  });
});
