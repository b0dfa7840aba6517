import {
  cumprod,
  cumsum,
  customGrad,
  div,
  engine,
  type GradSaveFunc,
  mul,
  pow,
  prod,
  reciprocal,
  type Scalar,
  scalar,
  slice,
  stack,
  sum,
  type Tensor,
  tidy,
} from '@tensorflow/tfjs-core';
import type { LayersModel, layers as tfjsLayers } from '@tensorflow/tfjs-layers';
import { DiffStrideBase } from './diff-stride-base.ts';
import { type DiffStride, DiffStride1D } from './diff-stride-layer.ts';
import { DiffStrideError } from './errors.ts';
import { checkOptions } from './rules.ts';

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
    checkOptions('StrideRegularizer', args, 'lambda, layers');
    const { lambda, layers } = args;
    if (!(Number.isFinite(lambda) && lambda >= 0)) {
      throw new DiffStrideError('StrideRegularizer', 'lambda must be a number >= 0', lambda);
    }
    if (!Array.isArray(layers) || !layers.length) {
      throw new DiffStrideError('StrideRegularizer', 'there must be a layer to regularize', layers);
    }
    this.lambda = lambda;
    this.layers = layers;
  }

  /** A regularizer of every DiffStride layer of a model and of models within it, in the model's order. */
  static ofModel(model: LayersModel, lambda: number): StrideRegularizer {
    if (!Array.isArray(model?.layers)) {
      throw new DiffStrideError('StrideRegularizer.ofModel', 'model must be a tf.LayersModel', model);
    }
    const layers = layersOf(model).filter((layer) => layer instanceof DiffStrideBase) as (DiffStride | DiffStride1D)[];
    return new StrideRegularizer({ lambda, layers });
  }

  /** Adds the penalty to the loss of every model that the layers are part of, `model.fit` included. Call it once. */
  attach(): this {
    let counted: object | null = null;
    this.layers[0]!.addLoss(() => {
      // A model asks a layer once for every place that it has there, such as both branches of a block, all in one scope.
      const scope: object | null = engine().state.activeScope;
      if (scope && scope === counted) return scalar(0);
      counted = scope;
      return this.apply();
    });
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

interface Layered {
  layers: tfjsLayers.Layer[];
}

function layersOf({ layers }: Layered): tfjsLayers.Layer[] {
  return layers.flatMap((layer) => ('layers' in layer ? layersOf(layer as unknown as Layered) : layer));
}
