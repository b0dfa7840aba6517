// What the public transforms share: reading options as numpy does, packing pairs, going through the axes.
import { cast, concat, reshape, slice, type Tensor, tidy, util } from '@tensorflow/tfjs-core';
import { checkAxes, checkLength, checkNorm, checkOptions, checkPair, checkRealTensor, isPair } from './checks.ts';
import { FftOpsError } from './errors.ts';
import { halfLength, type Sign, side } from './line-transform.ts';
import { fit, rows } from './row-operations.ts';
import { transformAxis } from './transform-axis.ts';
import type { AxesOptions, AxisOptions, ComplexPair, Norm } from './types.ts';

/** Complex transforms along several axes. */
export function complexTransform(
  operation: string,
  x: Tensor | ComplexPair,
  options: AxesOptions,
  sign: Sign,
): ComplexPair {
  const parts = isPair(operation, x) ? [x.real, x.imag] : [x];
  const axes = readOptions(operation, parts[0]!.shape, options);
  return tidy(() => unpack(throughAxes(parts, axes.toReversed(), (packed, axis) => along(packed, axis, sign))));
}

/** Of a real tensor: half a spectrum along the last axis, then complex transforms along the others. */
export function realTransform(operation: string, x: Tensor, options: AxesOptions): ComplexPair {
  checkRealTensor(operation, 'x', x);
  const axes = readOptions(operation, x.shape, options);
  return tidy(() => unpack(throughAxes([x], axes.toReversed(), (packed, axis, i) => along(packed, axis, -1, i === 0))));
}

/** The way back: complex transforms along all axes but the last, and from half a spectrum to real values along that. */
export function realInverse(operation: string, x: ComplexPair, options: AxesOptions): Tensor {
  checkPair(operation, 'x', x);
  const axes = readOptions(operation, x.real.shape, options, (bins) => 2 * (bins - 1));
  return tidy(() => {
    const last = axes.length - 1;
    const packed = throughAxes([x.real, x.imag], axes, (y, axis, i) => along(y, axis, 1, i === last));
    return reshape(packed, packed.shape.slice(1));
  });
}

/** Options of a transform along one axis in the terms of several. */
export function oneAxis(operation: string, options: AxisOptions = {}): AxesOptions {
  checkOptions(operation, options, 'n', 'axis', 'norm');
  const { n, axis = -1, norm } = options;
  return { axes: [axis], s: n === undefined ? undefined : [checkLength(operation, 'n', n)], norm };
}

/** Options of a 2D transform: the last two axes unless others are named. */
export function twoAxes(operation: string, options: AxesOptions = {}): AxesOptions {
  checkAxesOptions(operation, options);
  const { axes = [-2, -1], s, norm } = options;
  if (axes?.length !== 2) throw new FftOpsError(operation, 'axes must be two', axes);
  return { axes, s, norm };
}

function checkAxesOptions(operation: string, options: AxesOptions): void {
  checkOptions(operation, options, 's', 'axes', 'norm');
}

interface TransformedAxis {
  axis: number;
  n: number;
  norm: Norm;
}

function readOptions(
  operation: string,
  shape: number[],
  options: AxesOptions,
  lastLength = (size: number) => size,
): TransformedAxis[] {
  checkAxesOptions(operation, options);
  const { s, axes, norm = 'backward' } = options;
  checkNorm(operation, norm);
  const count = s?.length ?? shape.length;
  const found = checkAxes(operation, shape.length, axes ?? Array.from({ length: count }, (_, i) => i - count));
  if (s && s.length !== found.length) throw new FftOpsError(operation, 's must have one length for each axis', s);
  return found.map((axis, i) => {
    const size = shape[axis]!;
    const own = i === found.length - 1 ? lastLength(size) : size;
    return { axis, norm, n: checkLength(operation, s ? `s[${i}]` : `length of axis ${axis}`, s?.[i] ?? own) };
  });
}

/** Takes parts, packed, through one axis after the other, and holds nothing longer than it is needed. */
function throughAxes(
  parts: Tensor[],
  axes: TransformedAxis[],
  transform: (packed: Tensor, axis: TransformedAxis, index: number) => Tensor,
): Tensor {
  return axes.reduce((packed, axis, i) => {
    const transformed = tidy(() => transform(packed, axis, i));
    packed.dispose();
    return transformed;
  }, pack(parts));
}

/** Transforms one axis of a packed tensor; `half` makes the spectrum's side, the output of sign -1, half of one. */
function along(packed: Tensor, { axis, n, norm }: TransformedAxis, sign: Sign, half = false): Tensor {
  const fromHalf = half && sign === 1;
  const cropped = crop(packed, axis + 1, fromHalf ? halfLength(n) : n);
  const input = side(packed.shape[0]!, cropped.shape[axis + 1]!, fromHalf);
  const output = side(fromHalf ? 1 : 2, half && !fromHalf ? halfLength(n) : n);
  const power = { backward: sign === 1 ? 1 : 0, ortho: 0.5, forward: sign === 1 ? 0 : 1 }[norm];
  return transformAxis(cropped, axis + 1, { n, sign, scale: n ** -power, input, output });
}

/** An axis without what lies beyond `count`. By way of rank 3, because no backend pads, as its gradient does, at rank 7. */
function crop(x: Tensor, axis: number, count: number): Tensor {
  const { shape } = x;
  if (x.size === 0 || shape[axis]! <= count) return x;
  const outer = util.sizeFromShape(shape.slice(0, axis));
  return reshape(fit(rows(x, outer, shape[axis]!), outer, count), shape.with(axis, count));
}

/** (parts, ...shape). Joined and cut as rows, because TF.js's webgpu cannot pad, as cutting's gradient does, at rank 5. */
function pack(parts: Tensor[]): Tensor {
  const shape = [parts.length, ...parts[0]!.shape];
  const flat = parts.map((part) => reshape(part.dtype === 'float32' ? part : cast(part, 'float32'), [1, -1]));
  return reshape(flat.length === 1 ? flat[0]! : concat(flat), shape);
}

export function unpack(packed: Tensor): ComplexPair {
  // Once for both parts, so that the tape adds their gradients as rows: no backend adds tensors of rank 7, wasm silently.
  const parts = reshape(packed, [2, -1]);
  const part = (index: number) => reshape(slice(parts, index, 1), packed.shape.slice(1));
  return { real: part(0), imag: part(1) };
}
