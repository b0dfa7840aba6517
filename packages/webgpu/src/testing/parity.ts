// For tests: the same work on the cpu backend and, with our kernels, on the webgpu backend.
import { expectNoLeak, openTestBackend, randomValues } from '@stridelab/test-kit';
import { takeGpuErrors } from '@stridelab/test-kit/backends';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';

/** A tensor that each backend makes for itself: normal deviates from a seed, or given values. */
export interface Input {
  shape: number[];
  values: number[] | Float32Array | Int32Array;
  dtype?: 'float32' | 'int32';
}

export function random(shape: number[], seed = 1, scale = 1): Input {
  return { shape, values: randomValues(tf.util.sizeFromShape(shape), seed).map((value) => value * scale) };
}

type Work = (...inputs: tf.Tensor[]) => tf.Tensor | tf.Tensor[];

/**
 * Expects `work` to give on webgpu what it gives on cpu, shapes, types and values, within `relative` of the largest
 * magnitude of each result; to leave no tensor behind, and the device without an error. Memory that is handed out again
 * holds NaN before.
 */
export async function expectParity(inputs: Input[], work: Work, relative = 1e-4): Promise<void> {
  const expected = await resultsOn('cpu', inputs, work);
  const actual = await resultsOn('webgpu', inputs, work);
  expect(await takeGpuErrors(), 'errors of the GPU device').toEqual([]);
  expect(actual.map(({ shape, dtype }) => ({ shape, dtype }))).toEqual(
    expected.map(({ shape, dtype }) => ({ shape, dtype })),
  );
  for (const [i, { values }] of actual.entries()) await expect(values).toBeAllClose(expected[i]!.values, { relative });
}

async function resultsOn(backend: 'cpu' | 'webgpu', inputs: Input[], work: Work) {
  await openTestBackend(backend);
  const tensors = inputs.map(({ values, shape, dtype }) => tf.tensor(values, shape, dtype));
  if (backend === 'webgpu') {
    expectNoLeak(() => tf.tidy(() => [work(...tensors)].flat()), 1);
    poison(tf.tidy(() => [work(...tensors)].flat()));
  }
  const results = tf.tidy(() => [work(...tensors)].flat());
  const read = [];
  for (const result of results) {
    read.push({ shape: result.shape, dtype: result.dtype, values: await result.data() });
  }
  tf.dispose([tensors, results]);
  return read;
}

/** Leaves NaN in memory of these sizes, which the next outputs of those sizes are made in. */
function poison(tensors: tf.Tensor[]): void {
  for (const { shape } of tensors) tf.tidy(() => tf.add(tf.fill(shape, Number.NaN), 1));
  tf.dispose(tensors);
}

/** Values of f and its gradient with respect to each input, for an upstream gradient of deviates. */
export function valueAndGradients(f: (...inputs: tf.Tensor[]) => tf.Tensor): Work {
  return (...inputs) => {
    const value = f(...inputs);
    const dy = tf.tensor(randomValues(value.size, 99), value.shape);
    return [value, ...tf.grads((...xs: tf.Tensor[]) => f(...xs))(inputs, dy)];
  };
}
