// Everything that can be wrong with a call, found out before any tensor is made.
import { areOptions } from '@stridelab/errors';
import { Tensor } from '@tensorflow/tfjs-core';
import { FftOpsError } from './errors.ts';
import type { ComplexPair, Norm } from './types.ts';

const REAL_TYPES = ['float32', 'int32', 'bool'];

/** A name that is not there, and a number or a list in the place of options, would be ignored without a word. */
export function checkOptions(operation: string, options: unknown, ...names: string[]): void {
  if (areOptions(options, names)) return;
  throw new FftOpsError(operation, `options must be some of {${names.join(', ')}}`, options);
}

export function checkRealTensor(operation: string, name: string, x: unknown): asserts x is Tensor {
  if (!(x instanceof Tensor)) throw new FftOpsError(operation, `${name} must be a tensor`, x);
  if (x.isDisposed) throw new FftOpsError(operation, `${name} must not be disposed`, x.shape);
  if (!REAL_TYPES.includes(x.dtype)) {
    throw new FftOpsError(operation, `${name} must be float32, int32 or bool`, x.dtype);
  }
}

/** Whether x is a pair rather than a tensor; throws where it is neither, or a pair that does not fit together. */
export function isPair(operation: string, x: unknown, name = 'x'): x is ComplexPair {
  if (x instanceof Tensor || x === null || typeof x !== 'object' || !('real' in x) || !('imag' in x)) {
    checkRealTensor(operation, name, x);
    return false;
  }
  const { real, imag } = x;
  checkRealTensor(operation, `${name}.real`, real);
  checkRealTensor(operation, `${name}.imag`, imag);
  if (real.shape.join() !== imag.shape.join()) {
    throw new FftOpsError(operation, `${name}.real and ${name}.imag must have equal shapes`, [real.shape, imag.shape]);
  }
  return true;
}

export function checkPair(operation: string, name: string, x: unknown): asserts x is ComplexPair {
  const looksLikeOne = x !== null && typeof x === 'object' && 'real' in x && 'imag' in x && !(x instanceof Tensor);
  if (!looksLikeOne) throw new FftOpsError(operation, `${name} must be a pair {real, imag} of tensors`, x);
  isPair(operation, x, name);
}

/** Axes as indices from 0. */
export function checkAxes(operation: string, rank: number, axes: readonly number[]): number[] {
  // What is no list of numbers is none here either.
  const found = Array.from(axes, (axis) => {
    if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
      throw new FftOpsError(operation, `every axis must be an integer in [${-rank}, ${rank})`, axis);
    }
    return axis < 0 ? axis + rank : axis;
  });
  if (new Set(found).size < (found.length || 1)) {
    throw new FftOpsError(operation, 'axes must be distinct, and at least one', axes);
  }
  return found;
}

export function checkLength(operation: string, name: string, n: number): number {
  if (!Number.isInteger(n) || n < 1) throw new FftOpsError(operation, `${name} must be an integer >= 1`, n);
  return n;
}

export function checkNorm(operation: string, norm: Norm): void {
  if (norm !== 'backward' && norm !== 'forward' && norm !== 'ortho') {
    throw new FftOpsError(operation, "norm must be 'backward', 'ortho' or 'forward'", norm);
  }
}
