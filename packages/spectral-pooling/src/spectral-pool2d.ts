import type { Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import {
  checkDataFormat,
  checkImages,
  checkNorm,
  checkOptions,
  checkSize,
  checkStrides,
  type DataFormat,
  POOLING_OPTIONS,
} from './checks.ts';
import { SpectralPoolingError } from './errors.ts';
import { sidesOf, withChannelsLast } from './images.ts';
import { pooledColumns, pooledHeight, pooledRows, pooledWidth } from './pooled-sides.ts';
import { resample } from './resample.ts';
import type { Norm } from './side.ts';

interface Shared {
  /** numpy's scaling of the transforms; 'backward' as published, 'forward' keeps the brightness of an image. */
  norm?: Norm;
  /** Default 'channelsLast'. */
  dataFormat?: DataFormat;
}

export type Pooling<Lengths> = { strides: Lengths; size?: undefined } | { size: Lengths; strides?: undefined };

/** Options of {@link spectralPool2d}: strides or a size, and how. */
export type SpectralPool2dOptions = Shared & Pooling<number | [height: number, width: number]>;
/** Options of {@link spectralPool1d}: a stride or a size, and how. */
export type SpectralPool1dOptions = Shared & Pooling<number>;

/**
 * Height and width after spectral pooling: with `strides`, height // stride less its parity and width // stride, each at
 * least 2; with `size`, that size.
 */
export function pooledSize(sides: readonly number[], pooling: Pooling<number | number[]>, operation: string): number[] {
  const { strides, size } = pooling as { strides?: unknown; size?: unknown };
  if ((strides === undefined) === (size === undefined)) {
    throw new SpectralPoolingError(operation, 'either strides or size must be given', pooling);
  }
  if (size !== undefined) {
    const wanted = checkSize(operation, size, sides.length);
    if (wanted.some((n, i) => n > sides[i]!)) {
      throw new SpectralPoolingError(operation, `size must not exceed the image, which is [${sides.join(', ')}]`, size);
    }
    return wanted;
  }
  const steps = checkStrides(operation, strides, sides.length);
  const lengths = sides.map((side, i) => (i < sides.length - 1 ? pooledHeight : pooledWidth)(side, steps[i]!));
  return lengths;
}

/**
 * Spectral pooling: the image whose spectrum is the low frequencies of x's, exactly, for real strides >= 1.
 * Y = irfft2(crop(rfft2(X))) for each channel (Rippel, Snoek, Adams, https://arxiv.org/abs/1506.03767).
 * (batch, H, W, channels) -> (batch, h, w, channels), h and w by {@link pooledSize}.
 */
export function spectralPool2d(x: Tensor4D, options: SpectralPool2dOptions): Tensor4D {
  checkOptions('spectralPool2d', options, POOLING_OPTIONS);
  const { norm = 'backward', dataFormat = 'channelsLast' } = options;
  checkNorm('spectralPool2d', norm);
  checkDataFormat('spectralPool2d', dataFormat);
  checkImages('spectralPool2d', x, 4, dataFormat);
  const [height, width] = sidesOf(x, dataFormat) as [number, number];
  const [h, w] = pooledSize([height, width], options, 'spectralPool2d') as [number, number];
  const map = { height: pooledRows(height, h, norm), width: pooledColumns(width, w, norm) };
  return withChannelsLast(x, dataFormat, (images) => resample(images, map)) as Tensor4D;
}

/**
 * Spectral pooling of signals: Y = irfft(crop(rfft(X))) for each channel.
 * (batch, length, channels) -> (batch, length // stride, channels), at least 2 long.
 */
export function spectralPool1d(x: Tensor3D, options: SpectralPool1dOptions): Tensor3D {
  checkOptions('spectralPool1d', options, POOLING_OPTIONS);
  const { norm = 'backward', dataFormat = 'channelsLast' } = options;
  checkNorm('spectralPool1d', norm);
  checkDataFormat('spectralPool1d', dataFormat);
  checkImages('spectralPool1d', x, 3, dataFormat);
  const [length] = sidesOf(x, dataFormat) as [number];
  const [size] = pooledSize([length], options, 'spectralPool1d') as [number];
  return withChannelsLast(x, dataFormat, (signals) =>
    resample(signals, { width: pooledColumns(length, size, norm) }),
  ) as Tensor3D;
}
