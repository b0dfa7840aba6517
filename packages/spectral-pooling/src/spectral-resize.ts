import type { Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import {
  checkDataFormat,
  checkImages,
  checkNorm,
  checkOptions,
  checkSize,
  type DataFormat,
  OPTIONS,
} from './checks.ts';
import { sidesOf, withChannelsLast } from './images.ts';
import { scaled } from './pooled-sides.ts';
import { resample } from './resample.ts';
import type { Bin, Norm, Side } from './side.ts';

/** Options of {@link spectralResize2d} and {@link spectralResize1d}. */
export interface SpectralResizeOptions {
  /** numpy's scaling of the transforms; 'forward', the default here, keeps the brightness of an image. */
  norm?: Norm;
  /** Default 'channelsLast'. */
  dataFormat?: DataFormat;
}

/**
 * Crops or zero-pads a spectrum symmetrically. The Nyquist frequency of the smaller size, if that is even, belongs to both
 * signs: growing splits it in two halves, shrinking adds the two up. So the result passes through the samples.
 */
export function resizedSide(inputSize: number, outputSize: number, norm: Norm): Side {
  const smaller = Math.min(inputSize, outputSize);
  const bins: Bin[] = [{ input: 0, output: 0, amplitude: 1 }];
  for (let f = 1; 2 * f <= smaller; f++) {
    const shared = 2 * f === smaller && outputSize >= inputSize;
    bins.push({ input: f, output: f, amplitude: shared ? 1 : 2 });
  }
  return scaled({ inputSize, outputSize, bins, real: true }, norm);
}

/**
 * Resizes by trigonometric interpolation: crops or zero-pads the spectrum, so it also enlarges, and passes through the
 * samples when it does. (batch, H, W, channels) -> (batch, ...size, channels).
 */
export function spectralResize2d(
  x: Tensor4D,
  size: number | [height: number, width: number],
  options: SpectralResizeOptions = {},
): Tensor4D {
  checkOptions('spectralResize2d', options, OPTIONS);
  const { norm = 'forward', dataFormat = 'channelsLast' } = options;
  checkNorm('spectralResize2d', norm);
  checkDataFormat('spectralResize2d', dataFormat);
  checkImages('spectralResize2d', x, 4, dataFormat);
  const [h, w] = checkSize('spectralResize2d', size, 2) as [number, number];
  const [height, width] = sidesOf(x, dataFormat) as [number, number];
  const map = { height: resizedSide(height, h, norm), width: resizedSide(width, w, norm) };
  return withChannelsLast(x, dataFormat, (images) => resample(images, map)) as Tensor4D;
}

/** Like {@link spectralResize2d} for signals: (batch, length, channels) -> (batch, size, channels). */
export function spectralResize1d(x: Tensor3D, size: number, options: SpectralResizeOptions = {}): Tensor3D {
  checkOptions('spectralResize1d', options, OPTIONS);
  const { norm = 'forward', dataFormat = 'channelsLast' } = options;
  checkNorm('spectralResize1d', norm);
  checkDataFormat('spectralResize1d', dataFormat);
  checkImages('spectralResize1d', x, 3, dataFormat);
  const [n] = checkSize('spectralResize1d', size, 1) as [number];
  const [length] = sidesOf(x, dataFormat) as [number];
  return withChannelsLast(x, dataFormat, (signals) =>
    resample(signals, { width: resizedSide(length, n, norm) }),
  ) as Tensor3D;
}
