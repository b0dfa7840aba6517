import { layers } from '@tensorflow/tfjs-layers';
import { PHCConv, type PHCConvArgs } from './phc-conv.ts';

/**
 * 2D transposed hypercomplex convolution layer, `tf.layers.conv2dTranspose` with 1 / n of the parameters:
 * (batch, height, width, in) to (batch, height * stride, width * stride, filters) with padding 'same'.
 */
export class PHCConv2DTranspose extends PHCConv {
  /** @nocollapse */
  static className = 'PHCConv2DTranspose';
  protected override readonly transposed = true;

  constructor(args: PHCConvArgs) {
    super(2, args, layers.conv2dTranspose);
  }

  protected override get sizes() {
    return { ...super.sizes, dilationRate: [1, 1] };
  }

  protected override kernelShape(channels: number): number[] {
    const { kernelSize } = this.sizes;
    return [...kernelSize, this.filters, channels];
  }
}
