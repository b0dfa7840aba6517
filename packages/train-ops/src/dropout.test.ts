import { checkGradient, expectNamedError, expectNoLeak, forEachBackend, randomTensor } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { type Draw, type DropoutOptions, dropout, TrainOpsError } from './index.ts';

/** The first word of the paper's pcg3d, in numbers without a bound. */
function pcg3d(...start: [bigint, bigint, bigint]): number {
  const word = (value: bigint) => BigInt.asUintN(32, value);
  const mixed = ([x, y, z]: [bigint, bigint, bigint]): [bigint, bigint, bigint] => {
    const first = word(x + y * z);
    const second = word(y + z * first);
    return [first, second, word(z + first * second)];
  };
  const [x, y, z] = mixed(start);
  return Number(mixed([x ^ (x >> 16n), y ^ (y >> 16n), z ^ (z >> 16n)])[0]);
}

function drawn(i: number, seed: number, step: number): number {
  const words = [BigInt(i) * 1664525n + 1013904223n, ...[step, seed].map((n) => (2n * BigInt(n) + 1n) * 1664525n)];
  return pcg3d(...(words.map((word) => BigInt.asUintN(32, word)) as [bigint, bigint, bigint]));
}

forEachBackend(() => {
  it.each<[number, number, number]>([
    [0.5, 0, 0],
    [0.2, 7, 3],
    [0.9, 2 ** 24 - 1, 2 ** 24 - 1],
    [2 ** -20, 1, 2],
  ])('drops a share of %f as its definition says, seed %d, step %d', async (rate, seed, step) => {
    const x = randomTensor([10, 4, 25], 1);
    const values = await x.data();
    const expected = values.map((value, i) => (drawn(i, seed, step) >= rate * 2 ** 32 ? value / (1 - rate) : 0));
    await expect(dropout(x, [seed, step], { rate })).toBeAllClose(expected);
    await expect(dropout(x, tf.tensor1d([seed, step]), { rate })).toBeAllClose(expected);
  });

  it('drops what shares a draw together', async () => {
    const x = tf.ones<tf.Rank.R4>([6, 3, 2, 5]);
    const together = dropout(x, [1, 2], { rate: 0.5, noiseShape: [6, 1, 1, 5] });
    const each = dropout(tf.ones([6, 1, 1, 5]), [1, 2], { rate: 0.5 });
    await expect(together).toBeAllClose(tf.tile(each, [1, 3, 2, 1]));
  });

  it.each([{}, { noiseShape: [1, 8] }])(
    'has the gradient of what it did, and that has its own, %j',
    async (options) => {
      const x = randomTensor([5, 8], 1);
      const f = (v: tf.Tensor) => dropout(v, [3, 4], { rate: 0.3, ...options });
      await checkGradient(f, [x]);
      await checkGradient((v) => tf.grad((w: tf.Tensor) => tf.sum(tf.square(f(w))))(v), [x]);
    },
  );

  it('has it also where the draw moved on in the meantime', async () => {
    const draw = tf.variable(tf.tensor1d([3, 4]));
    const x = randomTensor([5, 8], 1);
    const [dx] = tf.grads((v: tf.Tensor) => {
      const y = dropout(v, draw, { rate: 0.3 });
      draw.assign(tf.tensor1d([3, 5]));
      return y;
    })([x]);
    await expect(dx!).toBeAllClose(dropout(tf.onesLike(x), [3, 4], { rate: 0.3 }));
    draw.dispose();
  });

  it('takes scalars, empty tensors, a rate of 0, and hands on what is no number', async () => {
    expect(dropout(tf.scalar(3), [0, 0], { rate: 0.5 }).shape).toEqual([]);
    expect(dropout(tf.zeros([0, 3]), [0, 0], { rate: 0.5 }).shape).toEqual([0, 3]);
    await expect(dropout(tf.tensor1d([1, 2]), [0, 0], { rate: 0 })).toBeAllClose([1, 2]);
    const y = await dropout(tf.fill([20], Number.NaN), [0, 0], { rate: 0.5 }).data();
    expect([...y].every(Number.isNaN)).toBe(true);
    const most = dropout(tf.ones([64]), [1, 2], { rate: 1 - 2 ** -33 });
    await expect(most).toBeAllClose(new Array<number>(64).fill(0));
  });

  it('leaks nothing, and leaves its input', () => {
    const x = randomTensor([4, 6], 1);
    for (const options of [{ rate: 0.5 }, { rate: 0 }, { rate: 0.5, noiseShape: [4, 1] }]) {
      expectNoLeak(() => dropout(x, [0, 0], options));
      expectNoLeak(() => tf.grad((v: tf.Tensor) => dropout(v, [0, 0], options))(x));
    }
    expect(x.isDisposed).toBe(false);
  });
});

it.each<[unknown, unknown, unknown, string]>([
  [[1], [0, 0], { rate: 0.5 }, 'x must be a tensor, got [1]'],
  [tf.tensor1d([1], 'int32'), [0, 0], { rate: 0.5 }, "x must be float32, got 'int32'"],
  [tf.zeros([2]), 3, { rate: 0.5 }, 'draw must be [seed, step], or a tensor of both, got 3'],
  [tf.zeros([2]), [0], { rate: 0.5 }, 'draw must be [seed, step], or a tensor of both, got [0]'],
  [tf.zeros([2]), [0.5, 0], { rate: 0.5 }, 'seed must be a whole number in [0, 16777216), got 0.5'],
  [tf.zeros([2]), [0, 2 ** 24], { rate: 0.5 }, 'step must be a whole number in [0, 16777216), got 16777216'],
  [tf.zeros([2]), tf.zeros([3]), { rate: 0.5 }, 'draw must have shape [2], got [3]'],
  [tf.zeros([2]), tf.zeros([2], 'int32'), { rate: 0.5 }, "draw must be float32, got 'int32'"],
  [tf.zeros([2]), [0, 0], undefined, 'options must be some of {rate, noiseShape}, got undefined'],
  [tf.zeros([2]), [0, 0], {}, 'rate must be in [0, 1), got undefined'],
  [tf.zeros([2]), [0, 0], { rate: 1 }, 'rate must be in [0, 1), got 1'],
  [tf.zeros([2]), [0, 0], { rate: 0.5, p: 1 }, 'options must be some of {rate, noiseShape}, got {rate: 0.5, p: 1}'],
  [
    tf.zeros([2, 3]),
    [0, 0],
    { rate: 0.5, noiseShape: [1] },
    'noiseShape must have 1 or the length of x along each axis of [2, 3], got [1]',
  ],
  [
    tf.zeros([2, 3]),
    [0, 0],
    { rate: 0.5, noiseShape: [2, 2] },
    'noiseShape must have 1 or the length of x along each axis of [2, 3], got [2, 2]',
  ],
])('refuses wrong input, %#', async (x, draw, options, message) => {
  const call = () => dropout(x as tf.Tensor, draw as Draw, options as DropoutOptions);
  await expectNamedError(call, TrainOpsError, `train-ops.dropout: ${message}`);
});
