// For tests: the same work on the cpu backend and, with our kernels, on the wasm backend.
import { expectNoLeak, openTestBackend, randomValues } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';

/** A tensor that each backend makes for itself: normal deviates from a seed, or given values. */
export interface Input {
  shape: number[];
  values: number[] | Float32Array | Int32Array;
  dtype?: 'float32' | 'int32';
}

export function random(shape: number[], seed = 1): Input {
  return { shape, values: randomValues(tf.util.sizeFromShape(shape), seed) };
}

type Work = (...inputs: tf.Tensor[]) => tf.Tensor | tf.Tensor[];

/**
 * Expects `work` to give on wasm what it gives on cpu, shapes, types and values, within `relative` of the largest
 * magnitude of each result; and to leave no tensor behind.
 */
export async function expectParity(inputs: Input[], work: Work, relative = 1e-4): Promise<void> {
  const expected = await resultsOn('cpu', inputs, work);
  const actual = await resultsOn('wasm', inputs, work);
  expect(actual.map(({ shape, dtype }) => ({ shape, dtype }))).toEqual(
    expected.map(({ shape, dtype }) => ({ shape, dtype })),
  );
  for (const [i, { values }] of actual.entries()) await expect(values).toBeAllClose(expected[i]!.values, { relative });
}

/** Leaves NaN in the memory that kernels are given next, so that one which does not write or clear all of it is found out. */
export function poisonMemory(): void {
  const sizes = Array.from({ length: 64 }, (_, i) => 2 ** Math.floor(i / 4) * (4 + (i % 4)));
  tf.dispose([...sizes, ...sizes].map((size) => tf.fill([size], Number.NaN)));
}

async function resultsOn(backend: 'cpu' | 'wasm', inputs: Input[], work: Work) {
  await openTestBackend(backend);
  if (backend === 'wasm') poisonMemory();
  const tensors = inputs.map(({ values, shape, dtype }) => tf.tensor(values, shape, dtype));
  if (backend === 'wasm') expectNoLeak(() => tf.tidy(() => [work(...tensors)].flat()), 1);
  const results = tf.tidy(() => [work(...tensors)].flat());
  const read = results.map((result) => ({ shape: result.shape, dtype: result.dtype, values: result.dataSync() }));
  tf.dispose([tensors, results]);
  return read;
}

/** Values of f and its gradient with respect to each input, for an upstream gradient of deviates. */
export function valueAndGradients(f: (...inputs: tf.Tensor[]) => tf.Tensor): Work {
  return (...inputs) => {
    const value = f(...inputs);
    const dy = tf.tensor(randomValues(value.size, 99), value.shape);
    return [value, ...tf.grads((...xs: tf.Tensor[]) => f(...xs))(inputs, dy)];
  };
}
