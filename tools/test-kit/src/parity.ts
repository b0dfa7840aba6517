// The same work on the cpu backend and, with kernels of ours, on another one.
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { type BackendName, openTestBackend, takeGpuErrors } from './backends.ts';
import { expectNoLeak } from './leaks.ts';
import { randomValues } from './random.ts';
import './to-be-all-close.ts';

/** A tensor that each backend makes for itself. */
export interface Input {
  shape: number[];
  values: number[] | Float32Array | Int32Array;
  dtype?: 'float32' | 'int32';
}

export type Work = (...inputs: tf.Tensor[]) => tf.Tensor | tf.Tensor[];

export type ExpectParity = (inputs: Input[], work: Work, relative?: number) => Promise<void>;

/** Normal deviates from a seed, times `scale`. */
export function random(shape: number[], seed = 1, scale = 1): Input {
  return { shape, values: randomValues(tf.util.sizeFromShape(shape), seed).map((value) => value * scale) };
}

/**
 * What expects `work` to give on `backend` what it gives on cpu, shapes, types and values, within `relative` (1e-4) of the
 * largest magnitude of each result; to leave no tensor behind, and a GPU without an error. The memory that results are
 * made in holds NaN before, so that a kernel which does not write all of it is found out.
 */
export function parityOn(backend: BackendName): ExpectParity {
  return async (inputs, work, relative = 1e-4) => {
    const expected = await resultsOn('cpu', inputs, work);
    const actual = await resultsOn(backend, inputs, work);
    expect(await takeGpuErrors(), 'errors of the GPU device').toEqual([]);
    expect(actual.map(({ shape, dtype }) => ({ shape, dtype }))).toEqual(
      expected.map(({ shape, dtype }) => ({ shape, dtype })),
    );
    for (const [i, { values }] of actual.entries()) {
      await expect(values).toBeAllClose(expected[i]!.values, { relative });
    }
  };
}

async function resultsOn(backend: BackendName, inputs: Input[], work: Work) {
  await openTestBackend(backend);
  const tensors = inputs.map(({ values, shape, dtype }) => tf.tensor(values, shape, dtype));
  const run = () => tf.tidy(() => [work(...tensors)].flat());
  if (backend !== 'cpu') {
    expectNoLeak(run, 1);
    const before = run();
    tf.dispose(before);
    await poison(before.map(({ size }) => size));
  }
  const results = run();
  const read = [];
  for (const result of results) {
    read.push({ shape: result.shape, dtype: result.dtype, values: await result.data() });
  }
  tf.dispose([tensors, results]);
  return read;
}

/** What a piece of work makes on its way takes some of the memory that was meant for its results. */
const COPIES = 4;

/** Leaves NaN in the memory that tensors of these sizes are made in next. */
async function poison(sizes: number[]): Promise<void> {
  // A GPU's buffers are kept by size. A heap is cut up anew, and kernels take room there that is no tensor's.
  const heap = tf.getBackend() === 'wasm' ? Array.from({ length: 64 }, (_, i) => 2 ** (i >> 2) * (4 + (i % 4))) : [];
  const all = [1, ...heap, ...heap, ...sizes.flatMap((size) => Array<number>(COPIES).fill(size))];
  const poisoned = all.map((size) => tf.fill([size], Number.NaN));
  // What a GPU has still to do keeps its memory, the right results of before among it. What is given back last is handed out
  // first, and that shall be these.
  await poisoned[0]!.data();
  tf.dispose(poisoned);
}

/** Values of f and its gradient with respect to each input, for an upstream gradient of deviates. */
export function valueAndGradients(f: (...inputs: tf.Tensor[]) => tf.Tensor): Work {
  return (...inputs) => {
    const value = f(...inputs);
    const dy = tf.tensor(randomValues(value.size, 99), value.shape);
    return [value, ...tf.grads((...xs: tf.Tensor[]) => f(...xs))(inputs, dy)];
  };
}
