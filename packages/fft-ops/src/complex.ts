// Arithmetic on pairs, as far as work with spectra needs it.
import {
  add,
  complex as complexTensor,
  div,
  imag as imagOf,
  mul,
  neg,
  real as realOf,
  sqrt,
  square,
  sub,
  Tensor,
  tidy,
} from '@tensorflow/tfjs-core';
import { checkPair } from './checks.ts';
import { FftOpsError } from './errors.ts';
import type { ComplexPair } from './types.ts';

/** (a + i b)(c + i d) = (a c - b d) + i (a d + b c), element by element; shapes broadcast. */
function multiply(x: ComplexPair, y: ComplexPair): ComplexPair {
  checkPair('complex.multiply', 'x', x);
  checkPair('complex.multiply', 'y', y);
  return tidy(() => ({
    real: sub(mul(x.real, y.real), mul(x.imag, y.imag)),
    imag: add(mul(x.real, y.imag), mul(x.imag, y.real)),
  }));
}

/** a - i b. The real part is a tensor of its own, so that each of the two pairs can be disposed of. */
function conjugate(x: ComplexPair): ComplexPair {
  checkPair('complex.conjugate', 'x', x);
  return tidy(() => ({ real: mul(x.real, 1), imag: neg(x.imag) }));
}

/** sqrt(a^2 + b^2), with gradient 0 where that is 0. */
function abs(x: ComplexPair): Tensor {
  checkPair('complex.abs', 'x', x);
  return tidy(() => {
    const squared = add(square(x.real), square(x.imag));
    // sqrt has an infinite slope at 0, which times a slope of 0 is NaN. This has a finite one, and sqrt's value in
    // float32, where 1e-36 shows beside nothing but zero.
    return div(squared, sqrt(add(squared, 1e-36)));
  });
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
  return complexTensor(x.real, x.imag);
}

/** Arithmetic on pairs. An object and not a namespace, so that a bundle which does not use it leaves it out. */
export const complex = { multiply, conjugate, abs, fromTensor, toTensor };
