import { checkGradient, expectNamedError, expectNoLeak, forEachBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { complex } from './complex.ts';
import { FftOpsError } from './errors.ts';
import { bothParts, randomPair } from './test-tools.ts';

const pair = (real: number[], imag: number[]) => ({ real: tf.tensor1d(real), imag: tf.tensor1d(imag) });

forEachBackend(() => {
  it('multiplies, conjugates and measures', async () => {
    const product = complex.multiply(pair([1, 2], [3, 4]), pair([5, 6], [7, 8]));
    await expect(product.real).toBeAllClose([5 - 21, 12 - 32]);
    await expect(product.imag).toBeAllClose([7 + 15, 16 + 24]);
    const { real, imag } = complex.conjugate(pair([1, 2], [3, -4]));
    await expect(real).toBeAllClose([1, 2]);
    await expect(imag).toBeAllClose([-3, 4]);
    await expect(complex.abs(pair([3, 0, -5], [4, 0, 12]))).toBeAllClose([5, 0, 13], { relative: 1e-6 });
  });

  it('broadcasts', async () => {
    const { pair: left } = randomPair([2, 3], 1);
    const { real, imag } = complex.multiply(left, pair([0], [1]));
    await expect(real).toBeAllClose(tf.neg(left.imag));
    await expect(imag).toBeAllClose(left.real);
  });

  it.each(['int32', 'bool'] as const)('computes with %s in float32', async (dtype) => {
    const x = { real: tf.tensor1d([1, 0], dtype), imag: tf.tensor1d([1, 1], dtype) };
    const results = [
      [complex.multiply(x, x), [0, -1], [2, 0]],
      [complex.conjugate(x), [1, 0], [-1, -1]],
    ] as const;
    for (const [{ real, imag }, expectedReal, expectedImag] of results) {
      expect([real.dtype, imag.dtype]).toEqual(['float32', 'float32']);
      await expect(real).toBeAllClose(expectedReal);
      await expect(imag).toBeAllClose(expectedImag);
    }
    await expect(complex.abs(x)).toBeAllClose([Math.SQRT2, 1], { relative: 1e-6 });
  });

  it('goes to complex64 and back, where the backend has complex64', async () => {
    const x = pair([1, 2], [3, 4]);
    if (tf.getBackend() === 'wasm') {
      expect(() => complex.toTensor(x)).toThrow("Kernel 'Complex' not registered for backend 'wasm'");
      return;
    }
    const packed = complex.toTensor(x);
    expect(packed.dtype).toBe('complex64');
    const { real, imag } = complex.fromTensor(packed);
    await expect(real).toBeAllClose(x.real);
    await expect(imag).toBeAllClose(x.imag);
  });

  it('measures what has squares that are too large or too small for float32', async () => {
    for (const scale of [1e-30, 1e-18, 1e30]) {
      const x = pair([3 * scale, 0, -scale], [-4 * scale, 0, 0]);
      await expect(tf.div(complex.abs(x), scale)).toBeAllClose([5, 0, 1], { relative: 1e-6 });
      const slope = tf.grad((real: tf.Tensor) => complex.abs({ real, imag: x.imag }));
      await expect(slope(x.real)).toBeAllClose([0.6, 0, -1], { relative: 1e-6 });
    }
  });

  it('has gradients, at zero too', async () => {
    const { pair: x } = randomPair([5], 2);
    const { pair: y } = randomPair([5], 4);
    await checkGradient((re) => bothParts(complex.multiply({ real: re!, imag: x.imag }, y)), [x.real]);
    await checkGradient((im) => bothParts(complex.conjugate({ real: x.real, imag: im! })), [x.imag]);
    await checkGradient(((real: tf.Tensor, imag: tf.Tensor) => complex.abs({ real, imag })) as never, [x.real, x.imag]);
    const slope = tf.grad((real: tf.Tensor) => complex.abs({ real, imag: tf.zerosLike(real) }));
    await expect(slope(tf.tensor1d([0, 2, -3]))).toBeAllClose([0, 1, -1], { relative: 1e-6 });
    const alongCircle = tf.grad((real: tf.Tensor) => complex.abs({ real, imag: x.imag }));
    await checkGradient((re) => alongCircle(re!), [x.real]);
  });

  it('leaves nothing behind, and results that own their tensors', () => {
    const x = pair([1, 2], [3, 4]);
    for (const f of [complex.conjugate, complex.abs, (p: typeof x) => complex.multiply(p, p)]) expectNoLeak(() => f(x));
    const conjugated = complex.conjugate(x);
    conjugated.real.dispose();
    expect(x.real.isDisposed).toBe(false);
  });
});

it('refuses what is no pair', async () => {
  await expectNamedError(
    () => complex.multiply(tf.ones([2]) as never, pair([1], [1])),
    FftOpsError,
    'fft-ops.complex.multiply: x must be a pair {real, imag} of tensors, got a Tensor',
  );
  await expectNamedError(
    () => complex.multiply(pair([1], [1]), { real: tf.ones([2]), imag: tf.ones([3]) }),
    FftOpsError,
    'fft-ops.complex.multiply: y.real and y.imag must have equal shapes, got [[2], [3]]',
  );
  await expectNamedError(
    () => complex.multiply(pair([1, 2], [1, 2]), pair([1, 2, 3], [1, 2, 3])),
    FftOpsError,
    'fft-ops.complex.multiply: shapes of x and y must broadcast, got [[2], [3]]',
  );
  await expectNamedError(
    () => complex.fromTensor(tf.ones([2])),
    FftOpsError,
    "fft-ops.complex.fromTensor: x must be complex64, got 'float32'",
  );
});
