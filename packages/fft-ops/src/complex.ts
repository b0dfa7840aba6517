// Arithmetic on pairs, as far as work with spectra needs it.
import {
  add,
  cast,
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
    const squared = add(square(real), square(imag));
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
