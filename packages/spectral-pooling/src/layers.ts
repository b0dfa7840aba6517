import { LAYER_OPTIONS } from '@stridelab/errors';
import { type serialization, type Tensor, type Tensor3D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { layers, type Shape } from '@tensorflow/tfjs-layers';
import {
  checkDataFormat,
  checkNorm,
  checkOptions,
  checkSize,
  checkStrides,
  type DataFormat,
  POOLING_OPTIONS,
} from './checks.ts';
import { SpectralPoolingError } from './errors.ts';
import { sidesOf } from './images.ts';
import { multiplyAddsOf } from './multiply-adds.ts';
import type { Norm } from './side.ts';
import { pooledSize, spectralPool1d, spectralPool2d } from './spectral-pool2d.ts';

type LayerArgs = ConstructorParameters<typeof layers.Layer>[0];

export interface SpectralPoolingArgs<Lengths> extends NonNullable<LayerArgs> {
  /** Real strides >= 1; 2 if neither these nor a size is given. */
  strides?: Lengths;
  /** Of the output, in the place of strides. */
  size?: Lengths;
  /** numpy's scaling of the transforms. Default 'backward', as published; 'forward' keeps the brightness of an image. */
  norm?: Norm;
  /** Default 'channelsLast'. */
  dataFormat?: DataFormat;
}

/** Options of {@link SpectralPooling2D}, beside those of every layer. */
export type SpectralPooling2DArgs = SpectralPoolingArgs<number | [height: number, width: number]>;
/** Options of {@link SpectralPooling1D}, beside those of every layer. */
export type SpectralPooling1DArgs = SpectralPoolingArgs<number>;

const OPTIONS = `${POOLING_OPTIONS}, ${LAYER_OPTIONS}`;

abstract class SpectralPooling extends layers.Layer {
  protected readonly pooling: { strides: number[] } | { size: number[] };
  protected readonly norm: Norm;
  protected readonly dataFormat: DataFormat;

  constructor(name: string, sides: number, args: SpectralPoolingArgs<number | number[]>) {
    checkOptions(name, args, OPTIONS);
    const { strides, size, norm = 'backward', dataFormat = 'channelsLast' } = args;
    if (strides !== undefined && size !== undefined) {
      throw new SpectralPoolingError(name, 'strides and size exclude each other', { strides, size });
    }
    const pooling =
      size === undefined
        ? { strides: checkStrides(name, strides ?? 2, sides) }
        : { size: checkSize(name, size, sides) };
    checkNorm(name, norm);
    checkDataFormat(name, dataFormat);
    super(args); // which takes what every layer has
    this.pooling = pooling;
    this.norm = norm;
    this.dataFormat = dataFormat;
    this.inputSpec = [{ ndim: sides + 2 }];
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const shape = inputShape as Shape;
    const sides = sidesOf({ shape }, this.dataFormat);
    const size = 'size' in this.pooling ? this.pooling.size : undefined;
    // Of sides that are not known nothing is wrong, and nothing but a size that was asked for follows.
    const assumed = sides.map((side, i) => side ?? size?.[i] ?? 2);
    const lengths = pooledSize(assumed, this.pooling, this.getClassName());
    const pooled = lengths.map((length, i) => (sides[i] === null && !size ? null : length));
    return this.dataFormat === 'channelsLast'
      ? [shape[0]!, ...pooled, shape.at(-1)!]
      : [shape[0]!, shape[1]!, ...pooled];
  }

  /** For one who counts what a network costs, such as `modelCost` of `@stridelab/resnet`. Shapes have the batch. */
  multiplyAdds(inputShape: number[], outputShape: number[]): number {
    return multiplyAddsOf(inputShape, outputShape, { dataFormat: this.dataFormat });
  }

  override getConfig(): serialization.ConfigDict {
    return { ...super.getConfig(), ...this.pooling, norm: this.norm, dataFormat: this.dataFormat };
  }
}

/**
 * Spectral pooling as a layer without weights; see {@link spectralPool2d}.
 * (batch, H, W, channels) -> (batch, h, w, channels). https://arxiv.org/abs/1506.03767
 */
export class SpectralPooling2D extends SpectralPooling {
  static readonly className = 'SpectralPooling2D';

  constructor(args: SpectralPooling2DArgs = {}) {
    super('SpectralPooling2D', 2, args);
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    const options = { ...this.pooling, norm: this.norm, dataFormat: this.dataFormat };
    const x = Array.isArray(inputs) ? inputs[0]! : inputs;
    return tidy(() => spectralPool2d(x as Tensor4D, options as Parameters<typeof spectralPool2d>[1]));
  }
}

/** {@link SpectralPooling2D} for signals: (batch, length, channels) -> (batch, pooled length, channels). */
export class SpectralPooling1D extends SpectralPooling {
  static readonly className = 'SpectralPooling1D';

  constructor(args: SpectralPooling1DArgs = {}) {
    super('SpectralPooling1D', 1, args);
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    const { pooling } = this;
    const lengths = 'strides' in pooling ? { strides: pooling.strides[0]! } : { size: pooling.size[0]! };
    const x = Array.isArray(inputs) ? inputs[0]! : inputs;
    return tidy(() => spectralPool1d(x as Tensor3D, { ...lengths, norm: this.norm, dataFormat: this.dataFormat }));
  }
}
