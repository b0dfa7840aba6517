import {
  checkAdjoint,
  compilesEachShape,
  expectNoLeak,
  forEachBackend,
  randomTensor as random,
  randomValues,
} from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { applySteps } from './apply-steps.ts';
import { goesByFft, mapByFft, productsByFft, weighedByFft } from './by-fft.ts';
import { pooledColumns, pooledRows } from './pooled-sides.ts';
import { resample } from './resample.ts';
import { spectralPool2d } from './spectral-pool2d.ts';
import { resizedSide } from './spectral-resize.ts';
import { stepsOf } from './steps.ts';

const pooled = (h: number, w: number, outputH: number, outputW: number) => ({
  height: pooledRows(h, outputH, 'backward'),
  width: pooledColumns(w, outputW, 'backward'),
});
const resized = (h: number, w: number, outputH: number, outputW: number) => ({
  height: resizedSide(h, outputH, 'forward'),
  width: resizedSide(w, outputW, 'forward'),
});

const MAPS = [
  ['pooling', pooled(12, 15, 8, 7)],
  ['enlarging', resized(8, 9, 12, 16)],
  ['pooling to odd', pooled(13, 12, 7, 12)],
  ['shrinking', resized(12, 15, 8, 8)],
  ['both at once', resized(9, 12, 14, 6)],
  ['nothing', resized(8, 9, 8, 9)],
] as const;

forEachBackend((backend) => {
  // Shaders are compiled for every shape, which takes a GPU in software long. Of many images each goes through as a whole.
  const [batch, cases] = compilesEachShape(backend) ? [12, 2] : [2, 6];

  it.each(MAPS.slice(0, cases))('computes what matrices compute: %s', async (_, map) => {
    const x = random([batch, map.height.inputSize, map.width.inputSize, 3]);
    const weights = (n: number) => tf.tensor1d(randomValues(n, 5));
    const height = { ...map.height, weights: weights(map.height.bins.length) };
    const width = { ...map.width, weights: weights(map.width.bins.length) };
    await expect(mapByFft(x, () => ({ height, width }))).toBeAllClose(resample(x, { height, width }), {
      relative: 1e-5,
    });
    await expect(mapByFft(x, () => map)).toBeAllClose(resample(x, map), { relative: 1e-5 });
    await checkAdjoint((v) => mapByFft(v, () => ({ height, width })), x);
  });

  it.each(MAPS.slice(0, cases))(
    'gives the gradient of every weight: %s',
    async (_, map) => {
      const x = random([batch, map.height.inputSize, map.width.inputSize, 3]);
      const dy = random([batch, map.height.outputSize, map.width.outputSize, 3], 2);
      const [rows, columns] = [map.height.bins.length, map.width.bins.length];
      const grid = random([rows, columns], 3);
      // What is linear in the weights has them times their gradient for its value.
      const loss = tf.sum(tf.mul(weighedByFft(x, map, grid), dy));
      await expect(tf.sum(tf.mul(productsByFft(x, dy, map), grid))).toBeAllClose(loss, { relative: 1e-4 });
      const [ofHeight, ofWidth] = [random([rows], 4), random([columns], 5)] as [tf.Tensor1D, tf.Tensor1D];
      const weighted = { height: { ...map.height, weights: ofHeight }, width: { ...map.width, weights: ofWidth } };
      const outer = tf.outerProduct(ofHeight, ofWidth);
      await expect(weighedByFft(x, map, outer)).toBeAllClose(
        mapByFft(x, () => weighted),
        { relative: 1e-5 },
      );
      await checkAdjoint((v) => weighedByFft(v, map, grid), x);
      await checkAdjoint((v) => weighedByFft(x, map, v), grid);
      await checkAdjoint((v) => productsByFft(v, dy, map), x);
      await checkAdjoint((v) => productsByFft(x, v, map), dy);
    },
    600_000,
  );

  it('keeps nothing, of no images either', async () => {
    const map = pooled(12, 15, 8, 7);
    const x = random([batch, 12, 15, 3]);
    const dy = random([batch, 8, 7, 3]);
    await expectNoLeak(() => tf.grad((v) => mapByFft(v, () => map))(x));
    await expectNoLeak(() => productsByFft(x, dy, map));
    expect(mapByFft(tf.zeros([0, 12, 15, 3]), () => map).shape).toEqual([0, 8, 7, 3]);
    const none = productsByFft(tf.zeros([0, 12, 15, 3]), tf.zeros([0, 8, 7, 3]), map);
    await expect(none).toBeAllClose(tf.zeros([8, 4]));
  });

  it('is what a large photograph is pooled with', async () => {
    const x = random([1, 1040, 6, 3]) as tf.Tensor4D;
    const map = pooled(1040, 6, 100, 4);
    expect(goesByFft(x, map)).toBe(true);
    const half = pooled(256, 256, 128, 128);
    expect(goesByFft(random([1, 256, 256, 3]), half)).toBe(true); // lighter than the matrices
    expect(goesByFft(random([1, 256, 256, 16]), half)).toBe(false);
    expect(goesByFft(random([1, 64, 64, 3]), pooled(64, 64, 32, 32))).toBe(false);
    const y = spectralPool2d(x, { size: [100, 4] });
    const matrices = applySteps(x, () => stepsOf(map), y.shape);
    await expect(y).toBeAllClose(matrices, { relative: 1e-5 });
  });
});
