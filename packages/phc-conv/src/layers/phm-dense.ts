import { optionsOrNone } from '@stridelab/errors';
import type { Tensor } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { checkWidths } from '../checks.ts';
import { phmDense } from '../phm-dense.ts';
import { checkLayerOptions, type HypercomplexArgs, PhcLayer } from './phc-layer.ts';

/** Every option of `tf.layers.dense`, and those of the algebra. */
export type PHMDenseArgs = HypercomplexArgs & Parameters<typeof layers.dense>[0];

/**
 * Dense layer by parameterized hypercomplex multiplication, `tf.layers.dense` with 1 / n of the parameters:
 * (batch, ..., in) to (batch, ..., units).
 *
 * @see https://arxiv.org/abs/2102.08597
 */
export class PHMDense extends PhcLayer {
  /** @nocollapse */
  static className = 'PHMDense';
  private readonly units: number;

  constructor(given: PHMDenseArgs) {
    const options = optionsOrNone(given);
    checkLayerOptions('PHMDense', options, 'units', 'inputDim');
    const { inputDim, ...args } = options;
    const withShape = inputDim !== undefined && !args.inputShape ? { ...args, inputShape: [inputDim] } : args;
    super(withShape, (name) => layers.dense({ ...withShape, name }));
    checkWidths(this.getClassName(), args.n, { out: args.units });
    this.units = args.units;
  }

  protected override get outputChannels(): number {
    return this.units;
  }

  protected override kernelShape(channels: number): number[] {
    return [channels, this.units];
  }

  protected override get inputLayout() {
    return { axis: -1 };
  }

  protected override forward(x: Tensor, algebra: Tensor, filters: Tensor, bias: Tensor | undefined): Tensor {
    return phmDense(x, algebra, filters, { bias });
  }
}
