// PHCConv1D, PHCConv2D and PHCConv3D: tf.layers.conv1d, conv2d and conv3d with 1 / n of the parameters.
import { optionsOrNone } from '@stridelab/errors';
import type { Tensor } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { checkWidths, type DataFormat } from '../checks.ts';
import type { Padding } from '../convolution/geometry.ts';
import { checkFormats, phcConvolution } from '../convolution/phc-convolution.ts';
import { checkLayerOptions, type HypercomplexArgs, PhcLayer } from './phc-layer.ts';

/** Every option of `tf.layers.conv2d`, and those of the algebra. */
export type PHCConvArgs = HypercomplexArgs & Parameters<typeof layers.conv2d>[0];

const OPTIONS = ['filters', 'kernelSize', 'strides', 'padding', 'dilationRate', 'dataFormat'];

/** Base of the convolution layers, for any number of spatial axes. */
export abstract class PHCConv extends PhcLayer {
  protected readonly filters: number;
  protected readonly rank: number;
  protected readonly dataFormat: DataFormat;
  protected readonly padding: Padding;

  constructor(rank: number, given: PHCConvArgs, plain: (args: PHCConvArgs) => layers.Layer) {
    const args = optionsOrNone(given);
    const { className } = new.target as unknown as typeof PHCConv2D;
    checkLayerOptions(className, args, ...OPTIONS);
    super(args, (name) => plain({ ...args, name }));
    const { filters, n } = args;
    // The plain layer takes null for not given.
    const [padding, dataFormat] = [args.padding ?? 'valid', args.dataFormat ?? 'channelsLast'];
    checkWidths(this.getClassName(), n, { out: filters });
    checkFormats(this.getClassName(), padding, dataFormat);
    this.rank = rank;
    this.filters = filters;
    this.dataFormat = dataFormat as DataFormat;
    this.padding = padding as Padding;
  }

  /** As the plain layer has spread them over its axes. */
  protected get sizes(): { kernelSize: number[]; strides: number[]; dilationRate: number[] } {
    return this.plain as unknown as { kernelSize: number[]; strides: number[]; dilationRate: number[] };
  }

  protected override get outputChannels(): number {
    return this.filters;
  }

  protected override kernelShape(channels: number): number[] {
    return [...this.sizes.kernelSize, channels, this.filters];
  }

  protected override get inputLayout() {
    return { axis: this.dataFormat === 'channelsFirst' ? 1 : -1, rank: this.rank + 2 };
  }

  protected override forward(x: Tensor, algebra: Tensor, filters: Tensor, bias: Tensor | undefined): Tensor {
    const { rank, dataFormat, padding, transposed } = this;
    const { strides, dilationRate: dilation } = this.sizes;
    const options = { strides, dilation, padding, dataFormat, bias };
    return phcConvolution({ operation: this.getClassName(), rank, x, algebra, filters, options, transposed });
  }
}

/** 1D hypercomplex convolution layer: (batch, width, in) to (batch, output width, filters). */
export class PHCConv1D extends PHCConv {
  /** @nocollapse */
  static className = 'PHCConv1D';

  constructor(args: PHCConvArgs) {
    super(1, args, layers.conv1d);
  }
}

/**
 * 2D hypercomplex convolution layer: (batch, height, width, in) to (batch, output height, output width, filters).
 *
 * `new PHCConv2D({n: 4, filters: 64, kernelSize: 3, algebraInitializer: 'quaternion', trainableAlgebra: false})` is a
 * quaternion convolution; without the last two its algebra is learned.
 *
 * @see https://arxiv.org/abs/2110.04176
 */
export class PHCConv2D extends PHCConv {
  /** @nocollapse */
  static className = 'PHCConv2D';

  constructor(args: PHCConvArgs) {
    super(2, args, layers.conv2d);
  }
}

/** 3D hypercomplex convolution layer: (batch, depth, height, width, in) to (batch, ..., filters). */
export class PHCConv3D extends PHCConv {
  /** @nocollapse */
  static className = 'PHCConv3D';

  constructor(args: PHCConvArgs) {
    super(3, args, layers.conv3d);
  }
}
