import '../index.ts';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { expectParity, random, valueAndGradients } from '../testing/parity.ts';

describe('pow', () => {
  it.each([0, 1, 2, 3, 4, 5, -1, 0.5, 1.5])('to %f, against cpu', async (exponent) => {
    const values = random([7, 9]).values.map(exponent % 1 ? Math.abs : (value) => value) as number[];
    const power = valueAndGradients((x) => tf.pow(x!, exponent));
    await expectParity([{ shape: [7, 9], values }], power);
  });

  it.each([[[1]], [[1, 1]], [[1, 1, 1]], [[9]], [[7, 1]]])('to exponents of shape %j', async (shape) => {
    const count = tf.util.sizeFromShape(shape);
    await expectParity([random([7, 9]), { shape, values: new Array<number>(count).fill(2) }], (x, y) => tf.pow(x!, y!));
  });

  it('of integers, of nothing, and of what is not finite', async () => {
    await expectParity([{ shape: [3], values: [2, -3, 4], dtype: 'int32' }], (x) => tf.pow(x!, tf.scalar(2, 'int32')));
    await expectParity([random([0, 3])], (x) => tf.pow(x!, 2));
    const x = { shape: [6], values: [Number.NaN, Infinity, -Infinity, -0, 0, 2 ** -149] };
    for (const exponent of [1, 2, 3, 4]) await expectParity([x], (v) => tf.pow(v!, exponent));
  });

  it('of norms, with their gradients', async () => {
    await expectParity(
      [random([5, 8])],
      valueAndGradients((x) => tf.norm(x!, 2, 1)),
    );
  });

  it('to the first is the tensor, and may outlive it', () => {
    const x = tf.tensor1d([1, 2]);
    const y = tf.pow(x, 1);
    x.dispose();
    expect([...y.dataSync()]).toEqual([1, 2]);
    y.dispose();
  });
});
