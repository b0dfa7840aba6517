// What numpy.fft computes, in float64 and by the definition. For tests alone.
import { type ComplexArray, naiveDftAlongAxis } from '@stridelab/test-kit';
import type { AxesOptions, Norm } from './types.ts';

export interface NumpyArray extends ComplexArray {
  shape: number[];
}

export function numpyArray(real: ArrayLike<number>, shape: number[], imag?: ArrayLike<number>): NumpyArray {
  return { real: Float64Array.from(real), imag: Float64Array.from(imag ?? new Float64Array(real.length)), shape };
}

/** numpy.fft.fftn, and with `inverse` numpy.fft.ifftn. */
export function numpyFftn(x: NumpyArray, options: AxesOptions = {}, inverse = false): NumpyArray {
  const rank = x.shape.length;
  const { s, norm = 'backward' } = options;
  const count = s?.length ?? rank;
  const axes = options.axes ?? Array.from({ length: count }, (_, i) => i - count);
  return axes.reduceRight<NumpyArray>((y, axis, i) => {
    const at = (axis + rank) % rank;
    const fitted = resize(y, at, s?.[i] ?? y.shape[at]!);
    return {
      ...scaled(naiveDftAlongAxis(fitted, fitted.shape, at, inverse), factor(norm, fitted.shape[at]!, inverse)),
      shape: fitted.shape,
    };
  }, x);
}

/** numpy.fft.rfftn: the half of {@link numpyFftn} that says all. */
export function numpyRfftn(x: NumpyArray, options: AxesOptions = {}): NumpyArray {
  const full = numpyFftn({ ...x, imag: new Float64Array(x.real.length) }, options);
  const last = lastAxis(x.shape.length, options);
  return resize(full, last, Math.floor(full.shape[last]! / 2) + 1);
}

/** numpy.fft.irfftn: completes the half spectrum by its symmetry, and transforms back. */
export function numpyIrfftn(x: NumpyArray, options: AxesOptions = {}): NumpyArray {
  const last = lastAxis(x.shape.length, options);
  const n = options.s?.at(-1) ?? 2 * (x.shape[last]! - 1);
  const axes = options.axes ?? x.shape.slice(-(options.s?.length ?? x.shape.length)).map((_, i, all) => i - all.length);
  const others = {
    axes: axes.slice(0, -1),
    ...(options.norm && { norm: options.norm }),
    ...(options.s && { s: options.s.slice(0, -1) }),
  };
  const half = resize(axes.length > 1 ? numpyFftn(x, others, true) : x, last, Math.floor(n / 2) + 1);
  const whole = resize(half, last, n);
  forEachIndex(whole.shape, (index, flat) => {
    const k = index[last]!;
    const mirror = k > n / 2 ? index.with(last, n - k) : index;
    const from = flatIndex(mirror, half.shape);
    whole.real[flat] = half.real[from]!;
    // The bins that are their own mirror image count as real.
    whole.imag[flat] = (2 * k) % n === 0 ? 0 : (k > n / 2 ? -1 : 1) * half.imag[from]!;
  });
  return numpyFftn(whole, { axes: [last], ...(options.norm && { norm: options.norm }) }, true);
}

function lastAxis(rank: number, { axes }: AxesOptions): number {
  return ((axes?.at(-1) ?? -1) + rank) % rank;
}

function factor(norm: Norm, n: number, inverse: boolean): number {
  return norm === 'ortho' ? 1 / Math.sqrt(n) : (norm === 'backward') === inverse ? 1 / n : 1;
}

function scaled({ real, imag }: ComplexArray, by: number): ComplexArray {
  return { real: real.map((v) => v * by), imag: imag.map((v) => v * by) };
}

/** Crops or zero-pads one axis. */
function resize(x: NumpyArray, axis: number, size: number): NumpyArray {
  const shape = x.shape.with(axis, size);
  const count = shape.reduce((a, b) => a * b, 1);
  const out = numpyArray(new Float64Array(count), shape);
  forEachIndex(shape, (index, flat) => {
    if (index[axis]! >= x.shape[axis]!) return;
    const from = flatIndex(index, x.shape);
    out.real[flat] = x.real[from]!;
    out.imag[flat] = x.imag[from]!;
  });
  return out;
}

function flatIndex(index: number[], shape: number[]): number {
  return index.reduce((flat, i, axis) => flat * shape[axis]! + i, 0);
}

function forEachIndex(shape: number[], visit: (index: number[], flat: number) => void): void {
  const count = shape.reduce((a, b) => a * b, 1);
  for (let flat = 0; flat < count; flat++) {
    const index: number[] = [];
    for (let axis = shape.length - 1, rest = flat; axis >= 0; axis--) {
      index.unshift(rest % shape[axis]!);
      rest = Math.floor(rest / shape[axis]!);
    }
    visit(index, flat);
  }
}
