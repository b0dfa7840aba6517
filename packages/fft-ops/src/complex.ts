// Arithmetic on pairs, as far as work with spectra needs it.
import {
  abs as absOf,
  add,
  cast,
  complex as complexTensor,
  customGrad,
  div,
  equal,
  imag as imagOf,
  maximum,
  mul,
  neg,
  real as realOf,
  sqrt,
  square,
  sub,
  Tensor,
  tidy,
  zerosLike,
} from '@tensorflow/tfjs-core';
import { checkPair } from './checks.ts';
import { FftOpsError } from './errors.ts';
import type { ComplexPair } from './types.ts';

/** (a + i b)(c + i d) = (a c - b d) + i (a d + b c), element by element; shapes broadcast. */
function multiply(x: ComplexPair, y: ComplexPair): ComplexPair {
  checkPair('complex.multiply', 'x', x);
  checkPair('complex.multiply', 'y', y);
  checkBroadcast('complex.multiply', x.real.shape, y.real.shape);
  return tidy(() => {
    const [a, b, c, d] = [...toFloat(x), ...toFloat(y)] as [Tensor, Tensor, Tensor, Tensor];
    return { real: sub(mul(a, c), mul(b, d)), imag: add(mul(a, d), mul(b, c)) };
  });
}

/** a - i b. The real part is a tensor of its own, so that each of the two pairs can be disposed of. */
function conjugate(x: ComplexPair): ComplexPair {
  checkPair('complex.conjugate', 'x', x);
  return tidy(() => {
    const [real, imag] = toFloat(x);
    return { real, imag: neg(imag) };
  });
}

/** sqrt(a^2 + b^2), with gradient 0 where that is 0. */
function abs(x: ComplexPair): Tensor {
  checkPair('complex.abs', 'x', x);
  return tidy(() => {
    const [real, imag] = toFloat(x);
    // Squares of what float32 can hold may be too large for it, or too small.
    const scale = largerPart(real, imag);
    const squared = add(square(div(real, scale)), square(div(imag, scale)));
    // sqrt has an infinite slope at 0, which times a slope of 0 is NaN. This has a finite one, and sqrt's value in
    // float32: the larger part is 1 or 0 here, and 1e-36 shows beside nothing but zero.
    return mul(div(squared, sqrt(add(squared, 1e-36))), scale);
  });
}

/** max(|a|, |b|), or 1 where that is 0: a constant to gradients, since what it divides it multiplies again. */
function largerPart(real: Tensor, imag: Tensor): Tensor {
  const constant = customGrad((...parts) => {
    const [larger, zero] = [maximum(absOf(parts[0] as Tensor), absOf(parts[1] as Tensor)), zerosLike(real)];
    const value = add(larger, cast(equal(larger, zero), 'float32'));
    return { value, gradFunc: (dy: Tensor) => [zerosLike(dy), zerosLike(dy)] };
  });
  return constant(real, imag);
}

/** The parts of a complex64 tensor. TF.js does not differentiate through this. */
function fromTensor(x: Tensor): ComplexPair {
  if (!(x instanceof Tensor)) throw new FftOpsError('complex.fromTensor', 'x must be a tensor', x);
  if (x.isDisposed) throw new FftOpsError('complex.fromTensor', 'x must not be disposed', x.shape);
  if (x.dtype !== 'complex64') throw new FftOpsError('complex.fromTensor', 'x must be complex64', x.dtype);
  return tidy(() => ({ real: realOf(x), imag: imagOf(x) }));
}

/** A pair as one complex64 tensor, where the backend has such (wasm has not). TF.js does not differentiate through this. */
function toTensor(x: ComplexPair): Tensor {
  checkPair('complex.toTensor', 'x', x);
  return tidy(() => complexTensor(...toFloat(x)));
}

/** Both parts as float32, in tensors of their own: TF.js computes with bool in bytes, and with int32 in whole numbers. */
function toFloat({ real, imag }: ComplexPair): [Tensor, Tensor] {
  return [cast(real, 'float32'), cast(imag, 'float32')];
}

function checkBroadcast(operation: string, x: number[], y: number[]): void {
  const fits = x.every((size, i) => {
    const other = y[i + y.length - x.length] ?? 1;
    return size === other || size === 1 || other === 1;
  });
  if (!fits) throw new FftOpsError(operation, 'shapes of x and y must broadcast', [x, y]);
}

/** Arithmetic on pairs. An object and not a namespace, so that a bundle which does not use it leaves it out. */
export const complex = { multiply, conjugate, abs, fromTensor, toTensor };
