// Tests of sums and means over axes before the last, for the packages that have kernels of their own for them.
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { type BackendName, openTestBackend } from '../backends.ts';
import { type Input, parityOn, random, valueAndGradients } from '../parity.ts';

/** Few rows and many, few columns and many, of fours and not, with an axis after them and without. */
const CASES: [number[], number[] | number | undefined][] = [
  [[4, 5, 6, 7], [0, 1, 2]],
  [[4, 5, 6, 16], [1, 2]],
  [[3, 70, 21], [1]],
  [[300, 3], [0]],
  [[3000, 3], [0]],
  [[3000, 64], [0]],
  [[300, 37], 0],
  [[300, 130], 0],
  [[2000, 3, 8], [1]],
  [[2, 9000, 1], [1]],
  [[7, 5000], [1]],
  [[20_001], undefined],
  [[9001, 32], [0]],
  [[4, 5, 6, 7], [-4, -3]],
  [[4, 5, 6, 7], [0, 2]],
  [[4, 5, 6], [2]],
  [[4, 5, 1], [0]],
  [[3, 4], undefined],
  [[5], [0]],
]; // biome-ignore format: a case each

/** `tf.sum` and `tf.mean` of `backend`, whose kernels and gradients are registered, against cpu. */
export function testSums(backend: BackendName): void {
  const expectParity = parityOn(backend);

  describe.each([
    ['sum', tf.sum],
    ['mean', tf.mean],
  ] as const)('%s', (_, reduce) => {
    it.each(CASES)('of %j over %j', async (shape, axes) => {
      for (const keepDims of [false, true]) {
        await expectParity(
          [random(shape)],
          valueAndGradients((x) => reduce(x, axes, keepDims)),
          1e-5,
        );
      }
    });

    it('of integers, and of integers cast to floats', async () => {
      const integers: Input = { shape: [2, 3], values: [1, 2, 3, 4, 5, 7], dtype: 'int32' };
      await expectParity([integers], (x) => [reduce(x!, 0), reduce(tf.cast(x!, 'float32'), 0)]);
    });
  });

  it('sums nothing', async () => {
    await expectParity(
      [random([0, 3])],
      valueAndGradients((x) => tf.sum(x, 0)),
    );
  });

  it('sums many rows with small error', async () => {
    await openTestBackend(backend);
    const sums = tf.sum(tf.fill([200_000, 4], 0.1), 0);
    await expect(sums).toBeAllClose([20_000, 20_000, 20_000, 20_000], { relative: 2e-6 });
  });

  it.each([3, 16])('an infinite value among many rows of %i columns makes an infinite sum', async (columns) => {
    await openTestBackend(backend);
    const x = tf.buffer([200, columns]);
    for (const [column, value] of [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN].entries()) {
      x.set(value, 100, column);
    }
    const sums = await tf.sum(x.toTensor(), 0).data();
    expect([...sums.subarray(0, 3)]).toEqual([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN]);
  });
}
