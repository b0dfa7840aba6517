import { areOptions, LAYER_OPTIONS, optionsOrNone } from '@stridelab/errors';
import { pad, reshape, type serialization, slice, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { layers, type Shape } from '@tensorflow/tfjs-layers';
import { ResnetError } from './errors.ts';

export interface PaddedShortcutArgs extends NonNullable<ConstructorParameters<typeof layers.Layer>[0]> {
  /** Channels to come to. */
  filters: number;
  /** Of height and width: every n-th row and column is kept. Default 1. */
  strides?: number | [number, number];
}

/**
 * The shortcut without parameters: every n-th pixel, and channels of zeros behind those that there are.
 *
 * (batch, height, width, channels) to (batch, ceil(height / stride), ceil(width / stride), filters).
 *
 * @see https://arxiv.org/abs/1512.03385 section 3.3, option A
 */
export class PaddedShortcut extends layers.Layer {
  /** @nocollapse */
  static className = 'PaddedShortcut';
  readonly filters: number;
  readonly strides: [number, number];

  constructor(args: PaddedShortcutArgs) {
    const { filters, strides = 1, ...rest } = optionsOrNone(args);
    if (!areOptions(rest, LAYER_OPTIONS.split(', '))) {
      throw new ResnetError('PaddedShortcut', `options must be some of {filters, strides, ${LAYER_OPTIONS}}`, args);
    }
    const pair = (Array.isArray(strides) ? strides : [strides, strides]) as [number, number];
    if (pair.length !== 2 || !pair.every((stride) => Number.isInteger(stride) && stride >= 1)) {
      throw new ResnetError('PaddedShortcut', 'strides must be integers >= 1', strides);
    }
    if (!Number.isInteger(filters) || filters < 1) {
      throw new ResnetError('PaddedShortcut', 'filters must be an integer >= 1', filters);
    }
    super(rest);
    this.filters = filters;
    this.strides = pair;
    this.inputSpec = [{ ndim: 4 }];
  }

  override build(inputShape: Shape | Shape[]): void {
    const channels = (inputShape as Shape).at(-1);
    if (channels == null || channels > this.filters) {
      throw new ResnetError('PaddedShortcut', `input channels must be <= filters, ${this.filters}`, channels);
    }
    super.build(inputShape);
  }

  override call(inputs: Tensor | Tensor[], kwargs: Parameters<layers.Layer['call']>[1]): Tensor {
    return tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      const x = Array.isArray(inputs) ? inputs[0]! : inputs;
      const [batch, height, width, channels] = x.shape as [number, number, number, number];
      const [strideHeight, strideWidth] = this.strides;
      const rows = everyNth(x, batch, height, width * channels, strideHeight);
      const newHeight = Math.ceil(height / strideHeight);
      const pixels = everyNth(rows, batch * newHeight, width, channels, strideWidth);
      const flat = reshape(pixels, [-1, channels]);
      const padded = pad(flat, [
        [0, 0],
        [0, this.filters - channels],
      ]);
      return reshape(padded, [batch, newHeight, Math.ceil(width / strideWidth), this.filters]);
    });
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [batch, height, width] = inputShape as Shape;
    const [strideHeight, strideWidth] = this.strides;
    const kept = (side: number | null | undefined, stride: number) => (side == null ? null : Math.ceil(side / stride));
    return [batch!, kept(height, strideHeight), kept(width, strideWidth), this.filters];
  }

  override getConfig(): serialization.ConfigDict {
    return { ...super.getConfig(), filters: this.filters, strides: this.strides };
  }
}

/**
 * The first of every `stride` items of the middle axis of x as (before, length, after). `tf.stridedSlice` has no gradient;
 * a slice of groups does, at rank 3 on every backend.
 */
function everyNth(x: Tensor, before: number, length: number, after: number, stride: number): Tensor {
  if (stride === 1) return x;
  const groups = Math.ceil(length / stride);
  const items = reshape(x, [before, length, after]);
  const missing = groups * stride - length;
  const whole = missing
    ? pad(items, [
        [0, 0],
        [0, missing],
        [0, 0],
      ])
    : items;
  return slice(reshape(whole, [before * groups, stride, after]), [0, 0, 0], [before * groups, 1, after]);
}
