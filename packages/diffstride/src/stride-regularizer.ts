import {
  cumprod,
  cumsum,
  customGrad,
  div,
  type GradSaveFunc,
  mul,
  pow,
  prod,
  reciprocal,
  type Scalar,
  slice,
  stack,
  sum,
  type Tensor,
  tidy,
} from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { DiffStride, DiffStride1D } from './diff-stride-layer.ts';
import { DiffStrideError } from './errors.ts';

/** What {@link StrideRegularizer} is made of. */
export interface StrideRegularizerArgs {
  /** How much computation counts against the loss. */
  lambda: number;
  /** In the order in which data passes them. */
  layers: (DiffStride | DiffStride1D)[];
}

/**
 * The paper's penalty on computation: what each layer lets through, relative to the input, summed over the layers.
 * `lambda * sum_l prod_{i <= l} 1 / (S_h^i S_w^i)`, section 3 of https://arxiv.org/abs/2202.01653
 */
export class StrideRegularizer {
  readonly lambda: number;
  readonly layers: readonly (DiffStride | DiffStride1D)[];

  constructor(args: StrideRegularizerArgs) {
    const { lambda, layers } = Object(args) as StrideRegularizerArgs;
    if (!(Number.isFinite(lambda) && lambda >= 0)) {
      throw new DiffStrideError('StrideRegularizer', 'lambda must be a number >= 0', lambda);
    }
    if (!Array.isArray(layers) || !layers.length) {
      throw new DiffStrideError('StrideRegularizer', 'there must be a layer to regularize', layers);
    }
    this.lambda = lambda;
    this.layers = layers;
  }

  /** A regularizer of every DiffStride layer of a model, in the model's order. */
  static ofModel(model: LayersModel, lambda: number): StrideRegularizer {
    if (!Array.isArray(model?.layers)) {
      throw new DiffStrideError('StrideRegularizer.ofModel', 'model must be a tf.LayersModel', model);
    }
    const layers = model.layers.filter((layer) => layer instanceof DiffStride || layer instanceof DiffStride1D);
    return new StrideRegularizer({ lambda, layers });
  }

  /** Adds the penalty to the loss of every model that the layers are part of, `model.fit` included. Call it once. */
  attach(): this {
    this.layers[0]!.addLoss(() => this.apply());
    return this;
  }

  /** The penalty now, a scalar that is differentiable in the strides. */
  apply(): Scalar {
    const strides = this.layers.map((layer) => layer.strides);
    // A shared stride counts for both sides.
    const powers = this.layers.map((layer, i) => (layer instanceof DiffStride1D ? 1 : 2 / strides[i]!.size));
    const penalty = customGrad((...inputs) => {
      const save = inputs.pop() as GradSaveFunc;
      const values = inputs as Tensor[];
      const areas = stack(values.map((value, i) => pow(prod(value), powers[i]!)));
      const passed = cumprod(reciprocal(areas));
      save([passed, ...values]);
      const gradFunc = (dy: Tensor, saved: Tensor[]) => {
        const [kept, ...savedValues] = saved as [Tensor, ...Tensor[]];
        return tidy(() => {
          // d passed_m / d S_l = -passed_m / S_l for every layer m from l on.
          const rest = cumsum(kept, 0, false, true);
          return savedValues.map((value, i) => mul(div(slice(rest, i, 1), value), mul(dy, -this.lambda * powers[i]!)));
        });
      };
      return { value: mul(sum(passed), this.lambda), gradFunc };
    });
    return penalty(...strides) as Scalar;
  }
}
