// Sums, tiles, transpositions, products and the like: the same as on cpu.
import '../index.ts';
import { expectNamedError, openTestBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { WasmError } from '../index.ts';
import { expectParity, random, valueAndGradients } from '../testing/parity.ts';
import { stackOfMatrices } from './transpose.ts';

describe.each([
  ['sum', tf.sum],
  ['mean', tf.mean],
] as const)('%s', (_, reduce) => {
  it.each([
    [
      [4, 5, 6, 7],
      [0, 1, 2],
    ],
    [
      [4, 5, 6, 16],
      [1, 2],
    ],
    [[3, 70, 21], [1]],
    [[300, 3], [0]],
    [[300, 37], 0],
    [
      [4, 5, 6, 7],
      [-4, -3],
    ],
    [
      [4, 5, 6, 7],
      [0, 2],
    ],
    [[4, 5, 6], [2]],
    [[4, 5, 1], [0]],
    [[3, 4], undefined],
    [[5], [0]],
    [[0, 3], [0]],
  ] as [number[], number[] | number | undefined][])('of %j over %j', async (shape, axes) => {
    if (shape.includes(0) && reduce === tf.mean) return; // 0 / 0
    for (const keepDims of [false, true]) {
      await expectParity(
        [random(shape)],
        valueAndGradients((x) => reduce(x, axes, keepDims)),
      );
    }
  });

  it('of integers', async () => {
    await expectParity([{ shape: [2, 3], values: [1, 2, 3, 4, 5, 7], dtype: 'int32' }], (x) => reduce(x, 0));
  });
});

it('sums many rows with small error', async () => {
  await openTestBackend('wasm');
  const sum = tf.sum(tf.fill([200_000, 4], 0.1), 0);
  await expect(sum).toBeAllClose([20_000, 20_000, 20_000, 20_000], { relative: 2e-6 });
});

it.each([
  [[3], [4]],
  [
    [1, 1, 1, 5],
    [2, 3, 4, 1],
  ],
  [
    [2, 3],
    [3, 2],
  ],
  [
    [2, 1, 3],
    [1, 5, 1],
  ],
  [
    [2, 3],
    [1, 1],
  ],
  [
    [2, 3],
    [0, 2],
  ],
])('tile %j by %j', async (shape, reps) => {
  await expectParity([random(shape)], (x) => tf.tile(x, reps));
  const count = tf.util.sizeFromShape(shape);
  const integers = { shape, values: Int32Array.from({ length: count }, (_, i) => i), dtype: 'int32' as const };
  await expectParity([integers], (x) => [tf.tile(x, reps), tf.tile(tf.greater(x, 1), reps)]);
});

describe('transpose', () => {
  it.each([
    [
      [5, 7],
      [1, 0],
    ],
    [
      [16, 8],
      [1, 0],
    ],
    [
      [33, 18],
      [1, 0],
    ],
    [
      [2, 3, 4, 5],
      [0, 3, 1, 2],
    ],
    [
      [2, 3, 4, 5],
      [2, 3, 0, 1],
    ],
    [
      [2, 3, 4, 5],
      [0, 2, 1, 3],
    ],
    [
      [2, 3, 4, 5],
      [3, 2, 1, 0],
    ],
    [
      [2, 3, 4],
      [0, 1, 2],
    ],
    [
      [1, 6, 1],
      [2, 1, 0],
    ],
  ])('%j by %j', async (shape, perm) => {
    await expectParity(
      [random(shape)],
      valueAndGradients((x) => tf.transpose(x, perm)),
    );
    const count = tf.util.sizeFromShape(shape);
    await expectParity([{ shape, values: Array.from({ length: count }, (_, i) => i), dtype: 'int32' }], (x) =>
      tf.transpose(x, perm),
    );
  });

  it('knows a stack of matrices', () => {
    expect(stackOfMatrices([2, 3, 4, 5], [0, 3, 1, 2])).toEqual({ matrices: 2, rows: 12, columns: 5 });
    expect(stackOfMatrices([2, 3, 4], [2, 0, 1])).toEqual({ matrices: 1, rows: 6, columns: 4 });
    expect(stackOfMatrices([2, 3, 4], [2, 1, 0])).toBeUndefined();
    expect(stackOfMatrices([2, 3, 4], [0, 1, 2])).toBeUndefined();
  });
});

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
      const isBroadcast = a[0] !== b[0] || a[1] !== b[1];
      // TF.js has no gradient for stacks of which one is repeated.
      await expectParity(inputs, a.length > 2 && isBroadcast ? product : valueAndGradients(product));
    });
  }
});

describe('batchNorm', () => {
  it.each([[[3, 4, 5, 6]], [[2, 3, 3, 16]], [[7, 3]], [[2, 5, 1]]])('%j', async (shape) => {
    const channels = [shape.at(-1)!];
    const inputs = [random(shape), random(channels, 2), random(channels, 3), random(channels, 4), random(channels, 5)];
    const norm = (x: tf.Tensor, mean: tf.Tensor, variance: tf.Tensor, offset?: tf.Tensor, scale?: tf.Tensor) =>
      tf.batchNorm(x, mean as tf.Tensor1D, variance.abs() as tf.Tensor1D, offset as tf.Tensor1D, scale as tf.Tensor1D);
    await expectParity(inputs, valueAndGradients(norm));
    // TF.js's tape cannot keep a scale that is not there.
    await expectParity(inputs.slice(0, 3), (x, mean, variance) => norm(x!, mean!, variance!));
    await expectParity(inputs.slice(0, 4), (x, mean, variance, offset) => norm(x!, mean!, variance!, offset));
  });

  it('is differentiable twice', async () => {
    const inputs = [random([2, 3, 3, 4]), random([4], 2), random([4], 3), random([4], 4)];
    await expectParity(
      inputs,
      valueAndGradients((x, mean, scale, offset) =>
        tf.grad((v) =>
          tf
            .batchNorm(v, mean as tf.Tensor1D, tf.ones<tf.Rank.R1>([4]), offset as tf.Tensor1D, scale as tf.Tensor1D)
            .square(),
        )(x!),
      ),
    );
  });

  it('leaves statistics of the whole shape to TF.js', async () => {
    const inputs = [1, 2, 3].map((seed) => random([2, 3, 4, 5], seed));
    await expectParity(inputs, (x, mean, variance) =>
      tf.batchNorm(x!, mean as tf.Tensor4D, variance!.abs() as tf.Tensor4D),
    );
  });
});

describe('unsortedSegmentSum', () => {
  const ids = (values: number[]) => ({ shape: [values.length], values, dtype: 'int32' as const });

  it.each([[[6]], [[6, 5]], [[6, 2, 8]]])('%j', async (shape) => {
    await expectParity([random(shape), ids([0, 3, 1, 3, 7, -1])], (x, segments) =>
      tf.unsortedSegmentSum(x!, segments as tf.Tensor1D, 5),
    );
  });

  it('of integers', async () => {
    // On cpu the sum of integers is float32, on every GPU int32 as here; the values agree.
    const x = { shape: [3, 5], values: Array.from({ length: 15 }, (_, i) => i), dtype: 'int32' as const };
    await expectParity([x, ids([1, 0, 1])], (a, segments) =>
      tf.unsortedSegmentSum(a!, segments as tf.Tensor1D, 2).cast('float32'),
    );
    await openTestBackend('wasm');
    expect(tf.unsortedSegmentSum(tf.tensor1d([1, 2], 'int32'), tf.tensor1d([0, 0], 'int32'), 1).dtype).toBe('int32');
  });

  it('is the gradient of gather', async () => {
    await expectParity([random([4, 3])], (x) =>
      tf.grad((v) => tf.gather(v, tf.tensor1d([3, 1, 3], 'int32')).square())(x!),
    );
  });

  it('says what it does not take', async () => {
    await openTestBackend('wasm');
    const x = tf.ones([3, 2]);
    await expectNamedError(
      () => tf.unsortedSegmentSum(x.cast('bool'), tf.tensor1d([0, 0, 0], 'int32'), 2),
      WasmError,
      "wasm.unsortedSegmentSum: x must be float32 or int32, got 'bool'",
    );
    await expectNamedError(
      () => tf.unsortedSegmentSum(x, tf.tensor1d([0, 0], 'int32'), 2),
      WasmError,
      'wasm.unsortedSegmentSum: segmentIds must be of shape [3], got [2]',
    );
  });
});

it('clones without copying, and frees the values with the last clone', async () => {
  await openTestBackend('wasm');
  const backend = tf.backend();
  const before = backend.numDataIds();
  const x = tf.tensor1d([1, 2]);
  const y = tf.clone(x);
  expect(backend.numDataIds()).toBe(before + 1);
  x.dispose();
  expect([...y.dataSync()]).toEqual([1, 2]);
  y.dispose();
  expect(backend.numDataIds()).toBe(before);
  const text = tf.clone(tf.tensor1d(['a']));
  expect(text.dataSync()).toEqual(['a']);
});
