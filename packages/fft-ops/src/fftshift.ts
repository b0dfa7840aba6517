import { clone, concat, reshape, slice, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { checkAxes, isPair } from './checks.ts';
import type { ComplexPair } from './types.ts';

/**
 * Moves frequency zero from the first place of an axis to the middle one, floor(n / 2). As `numpy.fft.fftshift`.
 *
 * @param x a real tensor or a pair, of any shape
 * @param axes default: all axes
 * @returns the same kind and shape
 */
export function fftshift<T extends Tensor | ComplexPair>(x: T, axes?: number | readonly number[]): T {
  return shift('fftshift', x, axes, (n) => n - (n >> 1));
}

/** Undoes {@link fftshift}, for odd lengths too. As `numpy.fft.ifftshift`; shapes as there. */
export function ifftshift<T extends Tensor | ComplexPair>(x: T, axes?: number | readonly number[]): T {
  return shift('ifftshift', x, axes, (n) => n >> 1);
}

function shift<T extends Tensor | ComplexPair>(
  operation: string,
  x: Tensor | ComplexPair,
  axes: number | readonly number[] | undefined,
  start: (n: number) => number,
): T {
  const pair = isPair(operation, x);
  const { rank } = pair ? x.real : (x as Tensor);
  const named = typeof axes === 'number' ? [axes] : (axes ?? Array.from({ length: rank }, (_, i) => i));
  const found = checkAxes(operation, rank, named);
  const shifted = tidy(() => {
    const move = (part: Tensor) => found.reduce((y, axis) => roll(y, axis, start(y.shape[axis]!)), part);
    return pair ? { real: move(x.real), imag: move(x.imag) } : move(x as Tensor);
  });
  return shifted as T;
}

/** The axis read from `start` to its end, then from its beginning. */
function roll(x: Tensor, axis: number, start: number): Tensor {
  const n = x.shape[axis]!;
  if (x.size === 0 || start % n === 0) return clone(x);
  const outer = x.shape.slice(0, axis).reduce((a, b) => a * b, 1);
  const lines = reshape(x, [outer, n, -1]);
  const part = (from: number, length: number) => slice(lines, [0, from, 0], [outer, length, lines.shape[2]!]);
  return reshape(concat([part(start, n - start), part(0, start)], 1), x.shape);
}
