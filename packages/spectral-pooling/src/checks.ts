// Rules that several functions of this package share.
import { areOptions } from '@stridelab/errors';
import { Tensor } from '@tensorflow/tfjs-core';
import { SpectralPoolingError } from './errors.ts';
import type { Norm } from './side.ts';

/** (batch, ...sides, channels) or (batch, channels, ...sides). */
export type DataFormat = 'channelsLast' | 'channelsFirst';

const NORMS: readonly unknown[] = ['backward', 'ortho', 'forward'];
const DATA_FORMATS: readonly unknown[] = ['channelsLast', 'channelsFirst'];

/** What has another name, such as a max pooling's poolSize, would be ignored without a word. */
export function checkOptions(operation: string, options: unknown, names: string): void {
  if (areOptions(options, names.split(', '))) return;
  throw new SpectralPoolingError(operation, `options must be some of {${names}}`, options);
}

export const OPTIONS = 'norm, dataFormat';
export const POOLING_OPTIONS = `strides, size, ${OPTIONS}`;

export function checkNorm(operation: string, norm: Norm): void {
  if (!NORMS.includes(norm)) {
    throw new SpectralPoolingError(operation, "norm must be 'backward', 'ortho' or 'forward'", norm);
  }
}

export function checkDataFormat(operation: string, dataFormat: DataFormat): void {
  if (!DATA_FORMATS.includes(dataFormat)) {
    throw new SpectralPoolingError(operation, "dataFormat must be 'channelsLast' or 'channelsFirst'", dataFormat);
  }
}

/** One number or as many as there are `sides`, each at least 1. */
export function checkStrides(operation: string, strides: unknown, sides: number): number[] {
  const list = Array.isArray(strides) ? strides : Array.from({ length: sides }, () => strides);
  const good = list.length === sides && list.every((s) => typeof s === 'number' && Number.isFinite(s) && s >= 1);
  const what = sides === 1 ? 'strides must be a number >= 1' : 'strides must be a number >= 1 or a pair of them';
  if (!good) throw new SpectralPoolingError(operation, what, strides);
  return list;
}

/** One number or as many as there are `sides`, each an integer of at least 2 (one pixel has no frequency but zero). */
export function checkSize(operation: string, size: unknown, sides: number): number[] {
  const list = Array.isArray(size) ? size : Array.from({ length: sides }, () => size);
  const good = list.length === sides && list.every((n) => Number.isInteger(n) && n >= 2);
  const what = sides === 1 ? 'size must be an integer >= 2' : 'size must be an integer >= 2 or a pair of them';
  if (!good) throw new SpectralPoolingError(operation, what, size);
  return list;
}

/** A float32 tensor of the given rank whose spatial sides are 2 or more. */
export function checkImages(operation: string, x: Tensor, rank: number, dataFormat: DataFormat): void {
  const shape = rank === 4 ? '(batch, height, width, channels)' : '(batch, length, channels)';
  if (!(x instanceof Tensor)) throw new SpectralPoolingError(operation, 'x must be a tensor', x);
  if (x.isDisposed) throw new SpectralPoolingError(operation, 'x must not be disposed', x.shape);
  if (x.rank !== rank) {
    throw new SpectralPoolingError(operation, `x must have rank ${rank}, ${shape}`, x.shape);
  }
  if (x.dtype !== 'float32') throw new SpectralPoolingError(operation, 'x must be of dtype float32', x.dtype);
  const sides = dataFormat === 'channelsLast' ? x.shape.slice(1, -1) : x.shape.slice(2);
  if (sides.some((side) => side < 2)) {
    throw new SpectralPoolingError(operation, 'every side of x must be 2 or more', x.shape);
  }
}
