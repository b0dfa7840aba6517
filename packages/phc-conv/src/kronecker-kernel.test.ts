import {
  checkGradient,
  expectNamedError,
  expectNoLeak,
  forEachBackend,
  goldenCases,
  goldenTensor,
} from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { kroneckerKernel, PhcConvError } from './index.ts';
import { random } from './test-values.ts';

/** The kernel by its definition, in float64. */
function naiveKernel(
  algebra: ArrayLike<number>,
  filters: ArrayLike<number>,
  [n, taps, p, q]: [number, number, number, number],
) {
  const kernel = new Float64Array(taps * n * p * n * q);
  for (let i = 0; i < n; i++)
    for (let c = 0; c < n; c++)
      for (let b = 0; b < n; b++)
        for (let tap = 0; tap < taps; tap++)
          for (let u = 0; u < p; u++)
            for (let v = 0; v < q; v++)
              kernel[(tap * n * p + b * p + u) * n * q + c * q + v]! +=
                algebra[(i * n + c) * n + b]! * filters[((i * taps + tap) * p + u) * q + v]!;
  return kernel;
}

forEachBackend(() => {
  it.each(goldenCases('phc-conv'))('equals golden case %#', async ({ algebra, filters, kernel }) => {
    await expect(kroneckerKernel(goldenTensor(algebra), goldenTensor(filters))).toBeAllClose(goldenTensor(kernel), {
      relative: 2e-5,
    });
  });

  it.each([
    [1, [], 3, 2],
    [2, [5], 1, 3],
    [3, [3, 2], 2, 1],
    [5, [1, 1], 2, 3],
    [6, [], 1, 1],
    [8, [2, 1, 3], 2, 2],
  ] as const)('n = %d, spatial axes %j, blocks of %d x %d', async (n, spatial, p, q) => {
    const [algebra, filters] = [random([n, n, n], 1), random([n, ...spatial, p, q], 2)];
    const kernel = kroneckerKernel(algebra, filters);
    expect(kernel.shape).toEqual([...spatial, n * p, n * q]);
    const taps = spatial.reduce((a: number, b) => a * b, 1);
    await expect(kernel).toBeAllClose(naiveKernel(await algebra.data(), await filters.data(), [n, taps, p, q]));
    await checkGradient(kroneckerKernel, [algebra, filters]);
  });

  it('leaves no tensor behind', () => {
    const [algebra, filters] = [random([2, 2, 2], 1), random([2, 3, 3, 1, 2], 2)];
    expectNoLeak(() => kroneckerKernel(algebra, filters));
    expectNoLeak(() => tf.grads(kroneckerKernel)([algebra, filters]));
  });
});

describe('refuses', () => {
  it.each([
    [[2, 2], [2, 3, 1, 1], 'algebra must have shape (n, n, n) with n >= 1, got [2, 2]'],
    [[2, 2, 3], [2, 3, 1, 1], 'algebra must have shape (n, n, n) with n >= 1, got [2, 2, 3]'],
    [[0, 0, 0], [0, 3, 1, 1], 'algebra must have shape (n, n, n) with n >= 1, got [0, 0, 0]'],
    [
      [2, 2, 2],
      [3, 3, 1, 1],
      'filters must have shape (n, ...spatial, in / n, out / n) with n = 2 of the algebra, got [3, 3, 1, 1]',
    ],
    [
      [2, 2, 2],
      [2, 3],
      'filters must have shape (n, ...spatial, in / n, out / n) with n = 2 of the algebra, got [2, 3]',
    ],
  ])('algebra %j with filters %j', async (algebra, filters, message) => {
    const tensors = [tf.zeros(algebra), tf.zeros(filters)] as const;
    const before = tf.memory().numTensors;
    await expectNamedError(() => kroneckerKernel(...tensors), PhcConvError, `phc-conv.kroneckerKernel: ${message}`);
    expect(tf.memory().numTensors).toBe(before);
  });
});
