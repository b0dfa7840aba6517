import { expectNoLeak, forEachBackend, randomTensor, randomValues } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { masksNow, masksOnDevice } from './mask-weights.ts';
import { mapOf, maskedSides } from './masked-sides.ts';
import { checkedRules, type MaskOptions } from './rules.ts';
import { slopeSums } from './slope-sums.ts';
import { byMatrices } from './ways.ts';

forEachBackend(() => {
  it.each<[string, number[], number[], MaskOptions]>([
    ['a map', [14, 12], [1.7, 2.4], {}],
    ['a map under a symmetric mask', [15, 12], [1.7, 2.4], { mask: 'symmetric' }],
    ['a signal', [31], [2.3], {}],
  ])('of %s', async (_, sides, strides, options) => {
    const rules = checkedRules('test', options);
    const masks = maskedSides('test', sides, strides.map(Math.fround), rules);
    const host = masksNow(masks, sides, { values: strides }, rules);
    const device = masksOnDevice(masks, sides, tf.tensor1d(strides), rules);
    // Of what a real map needs, the unpaired frequencies have one number; of a complex one, only rows have pairs.
    const [first, last] = [masks[0]!.side.bins, masks.at(-1)!.side.bins] as const;
    const isReal = sides.length === 1 || masks[0]!.side.real;
    const unpaired = (i: number) =>
      masks[i]!.side.bins.filter(({ output }) => (2 * output) % masks[i]!.side.outputSize === 0).length;
    const columns = isReal ? 2 * last.length - unpaired(masks.length - 1) : last.length;
    const rows = sides.length === 1 ? 1 : isReal ? 2 * first.length - unpaired(0) : 2 * first.length;
    const products = randomTensor([rows * columns], 1) as tf.Tensor1D;

    const bins = byMatrices.bins(mapOf(masks));
    const sums = slopeSums(bins, host, products);
    expect(sums.shape).toEqual([sides.length]);
    await expect(slopeSums(bins, device, products)).toBeAllClose(sums, { relative: 1e-4 });

    // Where each product is 1, each weight and slope counts as often as it has numbers.
    const of = (list: unknown) => (list as number[]).reduce((sum, value) => sum + value, 0);
    if (sides.length === 2 && !isReal) {
      const [weights, slopes] = [host.weights.map(of), host.slopes.map(of)];
      const expected = [2 * slopes[0]! * weights[1]!, 2 * weights[0]! * slopes[1]!];
      await expect(slopeSums(bins, host, tf.onesLike(products))).toBeAllClose(expected, { relative: 1e-5 });
    }

    // Linear, so its gradient is its adjoint, and that one's gradient the sums again.
    for (const now of [host, device]) {
      const sumsOf = (x: tf.Tensor) => slopeSums(bins, now, x as tf.Tensor1D);
      const dy = tf.tensor1d(randomValues(sides.length, 7));
      const adjoint = tf.grad(sumsOf)(products, dy);
      const [left, right] = [tf.sum(tf.mul(sumsOf(products), dy)), tf.sum(tf.mul(products, adjoint))];
      await expect(left).toBeAllClose(right, { relative: 1e-4 });
      const twice = tf.grad((d: tf.Tensor) => tf.sum(tf.mul(tf.grad(sumsOf)(products, d), products)))(dy);
      await expect(twice).toBeAllClose(sums, { relative: 1e-4 });
      expectNoLeak(() => tf.tidy(() => void tf.grad(sumsOf)(products, dy)));
    }
  });
});
