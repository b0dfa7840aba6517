import { checkAdjoint, expectNamedError, expectNoLeak, forEachBackend, randomValues } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { FftOpsError } from './errors.ts';
import { fftshift, ifftshift } from './fftshift.ts';

forEachBackend(() => {
  it('puts frequency zero in the middle, of odd lengths too', async () => {
    await expect(fftshift(tf.tensor1d([0, 1, 2, -2, -1]))).toBeAllClose([-2, -1, 0, 1, 2]);
    await expect(fftshift(tf.tensor1d([0, 1, -2, -1]))).toBeAllClose([-2, -1, 0, 1]);
    await expect(ifftshift(tf.tensor1d([-2, -1, 0, 1, 2]))).toBeAllClose([0, 1, 2, -2, -1]);
    await expect(fftshift(tf.tensor1d([7]))).toBeAllClose([7]);
  });

  it('shifts the axes that are named, all by default', async () => {
    const x = tf.tensor2d([0, 1, 2, 3, 4, 5], [2, 3]);
    await expect(fftshift(x, 1)).toBeAllClose(tf.tensor2d([2, 0, 1, 5, 3, 4], [2, 3]));
    await expect(fftshift(x, [0])).toBeAllClose(tf.tensor2d([3, 4, 5, 0, 1, 2], [2, 3]));
    await expect(fftshift(x)).toBeAllClose(tf.tensor2d([5, 3, 4, 2, 0, 1], [2, 3]));
    await expect(ifftshift(fftshift(x))).toBeAllClose(x);
  });

  it('takes what holds nothing', () => {
    expect(fftshift(tf.zeros([0, 4])).shape).toEqual([0, 4]);
    expect(ifftshift(tf.zeros([0, 4, 3]), 1).shape).toEqual([0, 4, 3]);
  });

  it('takes a pair', async () => {
    const { real, imag } = fftshift({ real: tf.tensor1d([1, 2, 3]), imag: tf.tensor1d([4, 5, 6]) });
    await expect(real).toBeAllClose([3, 1, 2]);
    await expect(imag).toBeAllClose([6, 4, 5]);
  });

  it('has a gradient and leaves nothing behind', async () => {
    const x = tf.tensor(randomValues(24, 1), [2, 3, 4]);
    await checkAdjoint((v) => fftshift(v, [1, 2]), x);
    await checkAdjoint((v) => ifftshift(v), x);
    expectNoLeak(() => fftshift(x));
    expectNoLeak(() => fftshift(x, 0));
  });
});

it('refuses what it cannot shift', async () => {
  const x = tf.ones([2, 3]);
  const message = 'fft-ops.fftshift: every axis must be an integer in [-2, 2), got 2';
  await expectNamedError(() => fftshift(x, 2), FftOpsError, message);
  await expectNamedError(
    () => ifftshift(x, [0, 0]),
    FftOpsError,
    'fft-ops.ifftshift: axes must be distinct, and at least one, got [0, 0]',
  );
  const named = () => fftshift(x, { axes: 1 } as never);
  await expectNamedError(named, FftOpsError, /^fft-ops.fftshift: axes must be distinct, .* {axes: 1}$/);
  await expectNamedError(() => fftshift(3 as never), FftOpsError, 'fft-ops.fftshift: x must be a tensor, got 3');
});
