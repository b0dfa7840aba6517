import '../index.ts';
import { openTestBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { expectParity, random, valueAndGradients } from '../testing/parity.ts';

describe('matMul', () => {
  const shapes: [number[], number[]][] = [
    [
      [5, 7],
      [7, 9],
    ],
    [
      [3, 5, 7],
      [3, 7, 9],
    ],
    [
      [1, 5, 7],
      [4, 7, 8],
    ],
    [
      [4, 5, 7],
      [1, 7, 3],
    ],
    [
      [2, 3, 4, 5],
      [2, 3, 5, 6],
    ],
    [
      [2, 1, 4, 5],
      [1, 3, 5, 6],
    ],
    // Stacks of which one has more axes than the other, all of length 1.
    [
      [5, 7],
      [1, 7, 9],
    ],
    [
      [2, 5, 7],
      [1, 2, 7, 9],
    ],
    [
      [1, 1, 5, 7],
      [4, 7, 9],
    ],
    [
      [1, 1],
      [1, 1],
    ],
    [
      [9, 0],
      [0, 3],
    ],
  ];
  const swap = (shape: number[]) => [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!];
  for (const [transposeA, transposeB] of [
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ] as const) {
    it.each(shapes)(`%j x %j, transposed: ${transposeA}, ${transposeB}`, async (a, b) => {
      const product = (x: tf.Tensor, y: tf.Tensor) => tf.matMul(x, y, transposeA, transposeB);
      const inputs = [random(transposeA ? swap(a) : a), random(transposeB ? swap(b) : b, 2)];
      const isBroadcast = `${a.slice(0, -2)}` !== `${b.slice(0, -2)}`;
      // TF.js has no gradient for stacks of which one is repeated.
      await expectParity(inputs, isBroadcast ? product : valueAndGradients(product));
    });
  }

  it('refuses stacks that do not fit, as many matrices as they may hold', async () => {
    await openTestBackend('wasm');
    expect(() => tf.matMul(tf.ones([2, 3, 4, 5]), tf.ones([3, 2, 5, 6]))).toThrow(/could not be broadcast/);
  });
});
