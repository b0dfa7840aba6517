import { checkAdjoint, forEachBackend, randomValues } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { fftIsCheaper, mapByFft } from './by-fft.ts';
import { pooledColumns, pooledRows } from './pooled-sides.ts';
import { resample } from './resample.ts';
import { spectralPool2d } from './spectral-pool2d.ts';
import { resizedSide } from './spectral-resize.ts';

const random = (shape: number[], seed = 1) =>
  tf.tensor(
    randomValues(
      shape.reduce((a, b) => a * b, 1),
      seed,
    ),
    shape,
  );

const pooled = (h: number, w: number, outputH: number, outputW: number) => ({
  height: pooledRows(h, outputH, 'backward'),
  width: pooledColumns(w, outputW, 'backward'),
});
const resized = (h: number, w: number, outputH: number, outputW: number) => ({
  height: resizedSide(h, outputH, 'forward'),
  width: resizedSide(w, outputW, 'forward'),
});

forEachBackend(() => {
  it.each([
    ['pooling', pooled(12, 15, 8, 7)],
    ['pooling to odd', pooled(13, 12, 7, 12)],
    ['shrinking', resized(12, 15, 8, 8)],
    ['enlarging', resized(8, 9, 12, 16)],
    ['both at once', resized(9, 12, 14, 6)],
    ['nothing', resized(8, 9, 8, 9)],
  ])('computes what matrices compute: %s', async (_, map) => {
    const x = random([2, map.height.inputSize, map.width.inputSize, 3]);
    const weights = (n: number) => tf.tensor1d(randomValues(n, 5));
    const height = { ...map.height, weights: weights(map.height.bins.length) };
    const width = { ...map.width, weights: weights(map.width.bins.length) };
    await expect(mapByFft(x, height, width)).toBeAllClose(resample(x, { height, width }), { relative: 1e-5 });
    await expect(mapByFft(x, map.height, map.width)).toBeAllClose(resample(x, map), { relative: 1e-5 });
    await checkAdjoint((v) => mapByFft(v, height, width), x);
  });

  it('is what a large photograph is pooled with', async () => {
    const x = random([1, 460, 6, 3]) as tf.Tensor4D;
    const map = pooled(460, 6, 100, 4);
    expect(fftIsCheaper(x, map)).toBe(true);
    expect(fftIsCheaper(random([1, 32, 32, 3]), map)).toBe(false);
    expect(fftIsCheaper(random([8, 460, 6, 64]), map)).toBe(false);
    const y = spectralPool2d(x, { size: [100, 4] });
    const wide = spectralPool2d(tf.tile(x, [1, 1, 1, 6]), { size: [100, 4] });
    await expect(y).toBeAllClose(tf.slice(wide, [0, 0, 0, 0], [1, 100, 4, 3]), { relative: 1e-5 });
  });
});
