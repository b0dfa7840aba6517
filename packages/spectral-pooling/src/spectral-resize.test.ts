import {
  checkAdjoint,
  expectNamedError,
  expectNoLeak,
  forEachBackend,
  randomTensor as random,
} from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { SpectralPoolingError } from './errors.ts';
import { spectralResize1d, spectralResize2d } from './spectral-resize.ts';

forEachBackend(() => {
  describe.each([
    [8, 12],
    [9, 12],
    [8, 13],
    [9, 9],
    [8, 8],
  ])('from %d to %d', (n, larger) => {
    it('comes back to where it was, and keeps a constant', async () => {
      const x = random([2, n, n + 1, 3]) as tf.Tensor4D;
      const up = spectralResize2d(x, [larger, larger + 2]);
      expect(up.shape).toEqual([2, larger, larger + 2, 3]);
      await expect(spectralResize2d(up, [n, n + 1])).toBeAllClose(x, { relative: 1e-5 });
      const flat = spectralResize2d(tf.ones([1, n, n, 1]), larger);
      await expect(flat).toBeAllClose(tf.ones([1, larger, larger, 1]), { relative: 1e-5 });
    });

    it('is linear with an exact adjoint, up and down', async () => {
      await checkAdjoint((v) => spectralResize2d(v as tf.Tensor4D, [larger, n]), random([1, n, larger, 2]));
    });
  });

  it.each([8, 9])('passes through the %d samples when it enlarges by a whole factor', async (n) => {
    const x = random([1, n, 2]) as tf.Tensor3D;
    const up = spectralResize1d(x, 3 * n);
    await expect(tf.stridedSlice(up, [0, 0, 0], [1, 3 * n, 2], [1, 3, 1])).toBeAllClose(x, { relative: 1e-5 });
  });

  it('interpolates a wave exactly', async () => {
    const wave = (n: number) => Float32Array.from({ length: n }, (_, i) => Math.cos((2 * Math.PI * 3 * i) / n + 0.4));
    const up = spectralResize1d(tf.tensor3d(wave(10), [1, 10, 1]), 27);
    await expect(up).toBeAllClose(wave(27), { relative: 1e-5 });
  });

  it('scales as numpy names it, and takes channels first', async () => {
    const x = tf.ones([1, 2, 8, 6]) as tf.Tensor4D;
    const resized = (norm: 'backward' | 'ortho') => spectralResize2d(x, [4, 3], { norm, dataFormat: 'channelsFirst' });
    await expect(resized('backward')).toBeAllClose(tf.fill([1, 2, 4, 3], 4), { relative: 1e-5 });
    await expect(resized('ortho')).toBeAllClose(tf.fill([1, 2, 4, 3], 2), { relative: 1e-5 });
  });

  it('leaves no tensor behind', () => {
    const x = random([1, 8, 8, 1]) as tf.Tensor4D;
    expectNoLeak(() => spectralResize2d(x, 12));
    expectNoLeak(() => tf.grad((v) => spectralResize2d(v as tf.Tensor4D, 5))(x));
  });
});

it.each<[() => unknown, string]>([
  [() => spectralResize2d(tf.zeros([1, 8, 8, 1]), 1), '2d: size must be an integer >= 2 or a pair of them, got 1'],
  [
    () => spectralResize2d(tf.zeros([1, 8, 8, 1]), [4, 2.5]),
    '2d: size must be an integer >= 2 or a pair of them, got [4, 2.5]',
  ],
  [
    () => spectralResize2d(tf.zeros([1, 8, 8, 1]), 4, null as never),
    '2d: options must be some of {norm, dataFormat}, got null',
  ],
  [
    () => spectralResize1d(tf.zeros([1, 8, 1]), 4, null as never),
    '1d: options must be some of {norm, dataFormat}, got null',
  ],
  [
    () => spectralResize1d(tf.zeros([1, 8, 1]), 4, 'l2' as never),
    "1d: options must be some of {norm, dataFormat}, got 'l2'",
  ],
  [() => spectralResize1d(tf.zeros([1, 8, 1]), Number.NaN), '1d: size must be an integer >= 2, got NaN'],
  [
    () => spectralResize1d(tf.zeros([8, 1]) as never, 4),
    '1d: x must have rank 3, (batch, length, channels), got [8, 1]',
  ],
])('names what is wrong: %s', async (action, message) => {
  await expectNamedError(action, SpectralPoolingError, `spectral-pooling.spectralResize${message}`);
});
