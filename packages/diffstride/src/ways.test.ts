import { checkGradient, compilesEachShape, expectNoLeak, forEachBackend, randomTensor } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { learnablePool } from './learnable-pool.ts';
import { mapOf, maskedSides } from './masked-sides.ts';
import { checkedRules, type MaskOptions } from './rules.ts';
import { byFfts, byMatrices, type Way, wayOf } from './ways.ts';

const OPTIONS: MaskOptions[] = [
  {},
  { mask: 'symmetric' },
  { cropping: false },
  { upperLimit: 1.9 },
  { shared: true, smoothness: 2 },
];

forEachBackend((backend) => {
  // Shaders are compiled for every shape, which takes a GPU in software long. Of many images each goes through as a whole.
  const [batch, cases] = compilesEachShape(backend) ? [12, 1] : [2, OPTIONS.length];
  const values = [2.3, 1.6].map(Math.fround);

  it.each(OPTIONS.slice(0, cases))(
    'both ways give the same values and gradients: %o',
    async (options) => {
      const rules = checkedRules('test', options);
      const x = randomTensor([batch, 21, 12, 3], 1);
      const known = options.shared ? values.slice(0, 1) : values;
      const masks = maskedSides('test', [21, 12], known, rules);
      const strides = tf.tensor1d(known);
      for (const stale of backend === 'webgpu' ? [true] : [false, true]) {
        const by = (way: Way) => (v: tf.Tensor, s: tf.Tensor) =>
          learnablePool(v, s, masks, { values: known, tensor: s, stale }, rules, way);
        const y = by(byMatrices)(x, strides);
        await expect(by(byFfts)(x, strides)).toBeAllClose(y, { relative: 1e-5 });
        const [dx, dStrides] = tf.grads(by(byMatrices))([x, strides], y);
        const [otherDx, otherDStrides] = tf.grads(by(byFfts))([x, strides], y);
        await expect(otherDx!).toBeAllClose(dx!, { relative: 1e-5 });
        await expect(otherDStrides!).toBeAllClose(dStrides!, { relative: 1e-4 });
        await expectNoLeak(() => tf.grads(by(byFfts))([x, strides], y));
        await expectNoLeak(() => by(byFfts)(x, strides));
      }
    },
    600_000,
  );

  const ways: [string, Way][] = [
    ['matrices', byMatrices],
    ['FFTs', byFfts],
  ];
  it.each(ways.slice(0, compilesEachShape(backend) ? 1 : 2))(
    "gives the strides' gradient gradients in the images by %s, of any order",
    async (_, way) => {
      const rules = checkedRules('test', { smoothness: 2 });
      const masks = maskedSides('test', [9, 8], values, rules);
      const x = randomTensor([1, 9, 8, 2], 1);
      const strides = tf.tensor1d(values);
      const slopes = (v: tf.Tensor) => {
        const pool = (images: tf.Tensor, tensor: tf.Tensor) =>
          tf.sum(tf.square(learnablePool(images, tensor, masks, { values, tensor }, rules, way)));
        return tf.grads(pool)([v, strides])[1]!;
      };
      await checkGradient((v) => slopes(v!), [x]);
      const second = (v: tf.Tensor) => tf.grad((u: tf.Tensor) => tf.sum(tf.square(slopes(u))))(v);
      await checkGradient((v) => second(v!), [tf.mul(x, 0.3)]);
      await expectNoLeak(() => tf.grad((v: tf.Tensor) => tf.sum(second(v)))(x));
    },
    600_000,
  );

  it('takes FFTs for long sides, and for images that weigh less than the matrices', () => {
    const way = (shape: number[], options: MaskOptions = {}) => {
      const masks = maskedSides('test', shape.slice(1, -1), [2, 2], checkedRules('test', options));
      return wayOf(tf.zeros(shape), mapOf(masks));
    };
    expect(way([1, 1040, 20, 16])).toBe(byFfts);
    expect(way([1, 256, 256, 3])).toBe(byFfts);
    expect(way([4, 256, 256, 3])).toBe(byFfts);
    expect(way([4, 256, 256, 3], { mask: 'symmetric' })).toBe(byMatrices); // which are smaller
    for (const shape of [
      [6, 256, 256, 3],
      [32, 32, 32, 64],
      [1, 64, 64, 3],
    ]) {
      expect(way(shape)).toBe(byMatrices);
    }
  });
});
