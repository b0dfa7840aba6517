import { expectNamedError, expectNoLeak, forEachBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { algebra, PhcConvError } from './index.ts';

/** Product of two hypercomplex numbers, by the definition of A. */
async function times(rule: tf.Tensor, left: number[], right: number[]): Promise<number[]> {
  const [n, values] = [left.length, await rule.data()];
  return left.map((_, c) =>
    left.reduce((sum, l, i) => sum + right.reduce((t, r, b) => t + l * values[(i * n + c) * n + b]! * r, 0), 0),
  );
}

const unit = (n: number, i: number) => Array.from({ length: n }, (_, k) => (k === i ? 1 : 0));

forEachBackend(() => {
  it("quaternion is Hamilton's product", async () => {
    // (1 + 2i + 3j + 4k)(5 + 6i + 7j + 8k) = -60 + 12i + 30j + 24k
    expect(await times(algebra('quaternion', 4), [1, 2, 3, 4], [5, 6, 7, 8])).toEqual([-60, 12, 30, 24]);
    const [i, j, k] = [unit(4, 1), unit(4, 2), unit(4, 3)];
    expect(await times(algebra('quaternion', 4), i, j)).toEqual(k);
    expect((await times(algebra('quaternion', 4), j, i)).map((value) => -value + 0)).toEqual(k);
  });

  it('complex is the complex product', async () => {
    expect(await times(algebra('complex', 2), [1, 2], [3, 4])).toEqual([-5, 10]);
  });

  it('tessarine commutes, with i^2 = -1 and j^2 = 1', async () => {
    const rule = algebra('tessarine', 4);
    const [a, b] = [
      [1, 2, 3, 4],
      [5, -6, 7, 8],
    ];
    expect(await times(rule, a, b)).toEqual(await times(rule, b, a));
    expect((await times(rule, unit(4, 1), unit(4, 1)))[0]).toBe(-1);
    expect(await times(rule, unit(4, 2), unit(4, 2))).toEqual(unit(4, 0));
    expect(await times(rule, unit(4, 1), unit(4, 2))).toEqual(unit(4, 3));
  });

  it('real multiplies component by component', async () => {
    expect(await times(algebra('real', 3), [1, 2, 3], [4, 5, 6])).toEqual([4, 10, 18]);
  });

  it.each([1, 2, 3, 4, 6, 8, 16])(
    'cliffordRandom of n = %d has signed permutations, the first the identity',
    async (n) => {
      const rule = algebra('cliffordRandom', n, { seed: 5 });
      await expect(tf.slice(rule, 0, 1)).toBeAllClose(tf.reshape(tf.eye(n), [1, n, n]));
      // Every block of the kernel takes one filter bank, and every filter bank goes to each block once.
      for (const axis of [0, 1, 2]) await expect(tf.sum(tf.abs(rule), axis)).toBeAllClose(tf.ones([n, n]));
    },
  );

  it('cliffordRandom is associative for powers of two', async () => {
    for (const seed of [1, 2, 3]) {
      const rule = algebra('cliffordRandom', 8, { seed });
      const numbers = [3, 5, 7].map((step) => Array.from({ length: 8 }, (_, i) => ((i * step) % 8) - 3)) as [
        number[],
        number[],
        number[],
      ];
      const [a, b, c] = numbers;
      expect(await times(rule, await times(rule, a, b), c)).toEqual(await times(rule, a, await times(rule, b, c)));
    }
  });

  it.each([1, 2, 3, 8])('glorotUniform of n = %d has sum of squares n', async (n) => {
    await expect(tf.sum(tf.square(algebra('glorotUniform', n)))).toBeAllClose([n]);
  });

  it('repeats itself with a seed', async () => {
    for (const rule of ['glorotUniform', 'cliffordRandom'] as const) {
      await expect(algebra(rule, 8, { seed: 1 })).toBeAllClose(algebra(rule, 8, { seed: 1 }));
      await expect(algebra(rule, 8, { seed: 1 })).not.toBeAllClose(algebra(rule, 8, { seed: 4 }));
    }
  });

  it('leaves no tensor behind', () => {
    for (const rule of ['glorotUniform', 'real', 'cliffordRandom'] as const) expectNoLeak(() => algebra(rule, 4));
  });
});

describe('refuses', () => {
  it.each([
    [() => algebra('real', 0), 'n must be an integer >= 1, got 0'],
    [() => algebra('real', 1.5), 'n must be an integer >= 1, got 1.5'],
    [() => algebra('real', 4, 3 as never), 'options must be some of {seed}, got 3'],
    [() => algebra('complex', 3), "rule 'complex' must have n = 2, got 3"],
    [() => algebra('quaternion', 2), "rule 'quaternion' must have n = 4, got 2"],
    [() => algebra('tessarine', 8), "rule 'tessarine' must have n = 4, got 8"],
    [
      () => algebra('octonion' as 'real', 8),
      "rule must be one of glorotUniform, real, complex, quaternion, tessarine, cliffordRandom, got 'octonion'",
    ],
  ])('%s', async (action, message) => {
    await expectNamedError(action, PhcConvError, `phc-conv.algebra: ${message}`);
  });
});
