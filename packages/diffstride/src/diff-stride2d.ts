import { withChannelsLast } from '@stridelab/spectral-pooling/spectral-map';
import { Tensor, type Tensor3D, type Tensor4D } from '@tensorflow/tfjs-core';
import { DiffStrideError } from './errors.ts';
import { valuesNow } from './host-values.ts';
import type { Strides } from './mask-weights.ts';
import { pool } from './pool.ts';
import {
  checkDataFormat,
  checkedRules,
  checkedStrides,
  checkImages,
  checkOptions,
  type DataFormat,
  type MaskOptions,
  OPTIONS_1D,
} from './rules.ts';

/** Options of {@link diffStride2d}. */
export interface DiffStride2dOptions extends MaskOptions {
  /** Default 'channelsLast'. */
  dataFormat?: DataFormat;
}

/** Options of {@link diffStride1d}. */
export type DiffStride1dOptions = Omit<DiffStride2dOptions, 'shared' | 'mask'>;

/** Strides as numbers, or as a tensor of as many, in which the result is then differentiable. */
function stridesOf(operation: string, strides: unknown, count: number): Strides {
  if (!(strides instanceof Tensor)) return { values: checkedStrides(operation, strides, count) };
  if (strides.size !== count || strides.rank > 1 || strides.dtype !== 'float32') {
    const rule = `strides must be ${count === 1 ? 'one number' : 'a pair of numbers'} in a float32 tensor`;
    throw new DiffStrideError(operation, rule, `${strides.dtype}[${strides.shape}]`);
  }
  if (strides.isDisposed) throw new DiffStrideError(operation, 'strides must not be disposed', strides.shape);
  const values = valuesNow(strides);
  if (!values) {
    throw new DiffStrideError(operation, 'strides must be readable at once: await strides.data() first', strides);
  }
  return { values, tensor: strides };
}

/**
 * DiffStride: crops the spectrum of x by a soft mask of which the size is learned, through the strides.
 * Y = irfft2(crop(mask(S) * rfft2(X))) for each channel, without any FFT.
 * (batch, H, W, channels) -> (batch, h, w, channels), h and w by downsampledSize: about H / S + 2 smoothness.
 * Gradients flow to x and, where `strides` is a tensor, to them. https://arxiv.org/abs/2202.01653
 */
export function diffStride2d(
  x: Tensor4D,
  strides: number | readonly [height: number, width: number] | Tensor,
  options: DiffStride2dOptions = {},
): Tensor4D {
  const rules = checkedRules('diffStride2d', options);
  const { dataFormat = 'channelsLast' } = options;
  checkDataFormat('diffStride2d', dataFormat);
  checkImages('diffStride2d', x, 4, dataFormat, rules);
  const known = stridesOf('diffStride2d', strides, rules.shared ? 1 : 2);
  return withChannelsLast(x, dataFormat, (images) => pool('diffStride2d', images, known, rules)) as Tensor4D;
}

/**
 * DiffStride of signals: Y = irfft(crop(mask(S) * rfft(X))) for each channel, by the mask of the columns.
 * (batch, length, channels) -> (batch, about length / S + 2 smoothness, channels).
 */
export function diffStride1d(x: Tensor3D, strides: number | Tensor, options: DiffStride1dOptions = {}): Tensor3D {
  checkOptions('diffStride1d', options, OPTIONS_1D);
  const rules = checkedRules('diffStride1d', options);
  const { dataFormat = 'channelsLast' } = options;
  checkDataFormat('diffStride1d', dataFormat);
  checkImages('diffStride1d', x, 3, dataFormat, rules);
  const known = stridesOf('diffStride1d', strides, 1);
  return withChannelsLast(x, dataFormat, (signals) => pool('diffStride1d', signals, known, rules)) as Tensor3D;
}
