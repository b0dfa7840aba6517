import '../index.ts';
import { openTestBackend } from '@stridelab/test-kit';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { memoryOf } from '../engine/engine.ts';
import { expectParity, random, valueAndGradients } from '../testing/parity.ts';

const indices = (shape: number[], below: number) => ({
  shape,
  values: Int32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => (i * 7 + 3) % below),
  dtype: 'int32' as const,
});

describe.each<[number[], number[], number, number]>([
  [[6], [4], 0, 0],
  [[6, 5], [9], 0, 0],
  [[6, 5], [], 0, 0],
  [[6, 5], [2, 3], 1, 0],
  [[4, 6, 3], [5], 1, 0],
  [[4, 6, 3], [5], -1, 0],
  [[50, 8, 8, 3], [16], 0, 0],
  [[2, 300, 70], [40], 1, 0],
  [[3, 6, 5], [3, 4], 1, 1],
  [[3, 6, 2, 5], [3, 4], 2, 1],
  [[2, 3, 6], [2, 3, 4], 2, 2],
  [[6, 0], [3], 0, 0],
  [[6, 5], [0], 0, 0],
])('gather of %j by %j along %d, %d of them batches', (shape, shapeOfIndices, axis, batchDims) => {
  const at = indices(shapeOfIndices, shape.at(axis)!);

  it('against cpu', async () => {
    const take = (x: tf.Tensor, places: tf.Tensor) => tf.gather(x, places as tf.Tensor1D, axis, batchDims);
    await expectParity([random(shape), at], (x, places) => take(x!, places!));
    const values = Int32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => 5 * i - 11);
    await expectParity([{ shape, values, dtype: 'int32' }, at], (x, places) => take(x!, places!));
  });
});

it('is right where its result makes the memory grow', async () => {
  await openTestBackend('wasm');
  const x = tf.fill([64, 16384], 3);
  const order = tf.range(0, 64, 1, 'int32') as tf.Tensor1D;
  const memory = () => memoryOf(tf.backend() as BackendWasm).buffer.byteLength;
  let grown = 0;
  for (let round = 0; round < 40; round++) {
    const before = memory();
    const y = tf.gather(x, order);
    if (memory() > before) grown++;
    await expect(tf.sum(y)).toBeAllClose([3 * 64 * 16384]);
  }
  expect(grown).toBeGreaterThan(0);
});

it('has the gradient that it had', async () => {
  const places = [4, 0, 4, 2];
  await expectParity(
    [random([6, 5])],
    valueAndGradients((x) => tf.gather(x!, tf.tensor1d(places, 'int32'))),
  );
});

it('leaves booleans, and what is wrong, to TF.js', async () => {
  await openTestBackend('wasm');
  const x = tf.tensor1d([true, false, true], 'bool');
  expect(tf.gather(x, [2, 1]).arraySync()).toEqual([1, 0]);
  for (const index of [3, -1]) {
    expect(() => tf.gather(tf.tensor1d([1, 2, 3]), [0, index])).toThrow(
      `GatherV2: the index value ${index} is not in [0, 2]`,
    );
  }
});
