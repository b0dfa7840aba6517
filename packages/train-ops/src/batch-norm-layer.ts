import { LAYER_OPTIONS } from '@stridelab/errors';
import {
  batchNorm,
  ones,
  relu,
  type serialization,
  type Tensor,
  type Tensor1D,
  tidy,
  transpose,
  zeros,
} from '@tensorflow/tfjs-core';
import { type LayerVariable, layers } from '@tensorflow/tfjs-layers';
import { batchNormTrain } from './batch-norm-train.ts';
import { checkOptions } from './checks.ts';
import { TrainOpsError } from './errors.ts';

type PlainArgs = NonNullable<Parameters<typeof layers.batchNormalization>[0]>;

/** Every option of `tf.layers.batchNormalization`, and a ReLU. */
export interface BatchNormArgs extends PlainArgs {
  /** 'relu' rectifies in the same operation. Default none. */
  activation?: 'relu' | null;
}

const OPTIONS = `activation, axis, momentum, epsilon, center, scale, gammaInitializer, betaInitializer, movingMeanInitializer, movingVarianceInitializer, gammaRegularizer, betaRegularizer, gammaConstraint, betaConstraint, ${LAYER_OPTIONS}`;

/** What the plain layer has, most of it private to its types. */
interface PlainBatchNorm extends layers.Layer {
  axis: number;
  epsilon: number;
  momentum: number;
  gamma?: LayerVariable;
  beta?: LayerVariable;
  movingMean: LayerVariable;
  movingVariance: LayerVariable;
}

/** The class behind `tf.layers.batchNormalization`, which tfjs-layers does not export. */
const Plain = /* @__PURE__ */ (() =>
  // Named, because a name made up would number the layers of the program anew.
  layers.batchNormalization({ name: 'plain' }).constructor as unknown as (new (
    args: PlainArgs,
  ) => PlainBatchNorm) &
    Pick<typeof layers.Layer, 'fromConfig'>)();

/**
 * Batch normalization as one operation in training, and with a ReLU still one: (..., channels) to (..., channels).
 *
 * Options, weights, their names and their order are those of `tf.layers.batchNormalization`, so that weights go either way.
 * With `training: true` it normalizes by the batch and moves its statistics; with `trainable = false` it never does.
 *
 * @see https://arxiv.org/abs/1502.03167
 */
export class BatchNorm extends Plain {
  /** @nocollapse */
  static className = 'BatchNorm';
  readonly activation: 'relu' | null;

  constructor(args: BatchNormArgs = {}) {
    checkOptions('BatchNorm', args, OPTIONS);
    const { activation = null, ...plain } = args;
    if (activation !== null && activation !== 'relu') {
      throw new TrainOpsError('BatchNorm', "activation must be 'relu' or null", activation);
    }
    super(plain);
    this.activation = activation;
  }

  override call(inputs: Tensor | Tensor[], kwargs: Parameters<layers.Layer['call']>[1]): Tensor {
    return tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      const x = Array.isArray(inputs) ? inputs[0]! : inputs;
      // A model that is frozen as a whole freezes the weights of its layers, and does not tell the layers.
      const learns = this.trainable && (this.gamma ?? this.beta)?.trainable !== false;
      const normalize = kwargs?.training && learns ? this.byBatch : this.byMoving;
      const last = x.rank - 1;
      const axis = (this.axis + x.rank) % x.rank;
      if (axis === last) return normalize.call(this, x);
      // Every other axis changes places with the last one.
      const swap = x.shape.map((_, i) => (i === axis ? last : i === last ? axis : i));
      return transpose(normalize.call(this, transpose(x, swap)), swap);
    });
  }

  private byBatch(x: Tensor): Tensor {
    const channels = x.shape.at(-1)!;
    const { movingMean, movingVariance, momentum } = this;
    const { y, nextMovingMean, nextMovingVariance } = batchNormTrain(x, {
      gamma: (this.gamma?.read() as Tensor1D) ?? ones([channels]),
      beta: (this.beta?.read() as Tensor1D) ?? zeros([channels]),
      epsilon: this.epsilon,
      relu: this.activation === 'relu',
      moving: {
        mean: movingMean.read() as Tensor1D,
        variance: movingVariance.read() as Tensor1D,
        momentum,
      },
    });
    movingMean.write(nextMovingMean);
    movingVariance.write(nextMovingVariance);
    return y;
  }

  private byMoving(x: Tensor): Tensor {
    const [mean, variance] = [this.movingMean.read(), this.movingVariance.read()];
    const y = batchNorm(
      x as never,
      mean as never,
      variance as never,
      this.beta?.read() as never,
      this.gamma?.read() as never,
      this.epsilon,
    ) as Tensor;
    return this.activation === 'relu' ? relu(y) : y;
  }

  override getConfig(): serialization.ConfigDict {
    return { ...super.getConfig(), activation: this.activation };
  }
}
