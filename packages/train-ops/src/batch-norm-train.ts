import { clone, customGrad, type GradSaveFunc, keep, type Tensor, type Tensor1D, tidy } from '@tensorflow/tfjs-core';
import type { BatchNormAttributes } from './batch-norm-portable.ts';
import * as portable from './batch-norm-portable.ts';
import * as byTensorFlow from './batch-norm-tensorflow.ts';
import { checkFloatTensor, checkNumber, checkOptions, checkShape } from './checks.ts';
import { TrainOpsError } from './errors.ts';
import { ofFirstOrder } from './first-order.ts';
import { KERNELS, runKernelOr } from './kernel.ts';
import { movingAverage } from './moving-average.ts';

/** Statistics of many batches, as they were before this one. */
export interface MovingStatistics {
  mean: Tensor1D;
  variance: Tensor1D;
  /** Share that is kept of them, in [0, 1]. */
  momentum: number;
}

export interface BatchNormTrainOptions {
  gamma: Tensor1D;
  beta: Tensor1D;
  /** Added to the variance. Default 1e-3. */
  epsilon?: number;
  /** Whether y is rectified in the same operation. Default false. */
  relu?: boolean;
  /** Statistics to move towards this batch's: `moving + (latest - moving) * (1 - momentum)`. */
  moving?: MovingStatistics;
}

export interface BatchNormTrainResult<T extends Tensor = Tensor> {
  y: T;
  /** Of this batch, for moving statistics; gradients do not pass through it. */
  mean: Tensor1D;
  /** Of this batch, biased: the sum of squares is divided by the number of positions. */
  variance: Tensor1D;
  /** With `moving`, what its mean and variance shall be next. */
  nextMovingMean?: Tensor1D;
  nextMovingVariance?: Tensor1D;
}

const NAME = 'batchNormTrain';

/**
 * Normalizes each channel by the statistics of this batch: `y = gamma * (x - mean) / sqrt(variance + epsilon) + beta`, and
 * with `relu: true` max(y, 0). Differentiable in x, gamma and beta.
 *
 * x and y (..., channels); gamma, beta and all statistics (channels).
 *
 * @see https://arxiv.org/abs/1502.03167
 */
export function batchNormTrain<T extends Tensor>(
  x: T,
  options: BatchNormTrainOptions & { moving: MovingStatistics },
): Required<BatchNormTrainResult<T>>;
export function batchNormTrain<T extends Tensor>(x: T, options: BatchNormTrainOptions): BatchNormTrainResult<T>;
export function batchNormTrain<T extends Tensor>(x: T, options: BatchNormTrainOptions): BatchNormTrainResult<T> {
  checkFloatTensor(NAME, 'x', x);
  checkOptions(NAME, options, 'gamma, beta, epsilon, relu, moving');
  const { gamma, beta, epsilon = 1e-3, relu = false, moving } = options;
  if (x.rank < 2 || x.rank > 4) throw new TrainOpsError(NAME, 'x must have rank 2, 3 or 4', x.shape);
  if (x.size === 0) throw new TrainOpsError(NAME, 'x must not be empty', x.shape);
  const perChannel = { gamma, beta, ...(moving && { movingMean: moving.mean, movingVariance: moving.variance }) };
  for (const [name, tensor] of Object.entries(perChannel)) {
    checkFloatTensor(NAME, name, tensor);
    checkShape(NAME, name, tensor, [x.shape.at(-1)!]);
  }
  checkNumber(NAME, 'epsilon', epsilon, { open: true });
  if (moving && !(moving.momentum >= 0 && moving.momentum <= 1)) {
    throw new TrainOpsError(NAME, 'momentum must be in [0, 1]', moving.momentum);
  }
  const attrs = { epsilon, relu };
  const given = { x, ...perChannel };
  const givenAttrs = { ...attrs, ...(moving && { momentum: moving.momentum }) };
  return tidy(() => {
    let statistics: Tensor[];
    const normalize = customGrad((...inputs) => {
      const save = inputs.pop() as GradSaveFunc;
      const outputs = runKernelOr(KERNELS.batchNormTrain, given, givenAttrs, () => withoutKernel(given, attrs, moving));
      const [y, mean, variance] = outputs as [Tensor, Tensor, Tensor];
      // The tape takes one output; the others outlive this function by being kept.
      statistics = outputs.slice(1).map(keep);
      save([x, gamma, mean, variance, ...(relu ? [y] : [])]);
      return { value: y, gradFunc: (dy: Tensor, saved: Tensor[]) => gradient(dy, saved, attrs) };
    });
    const y = normalize(x, gamma, beta) as T;
    const [mean, variance, nextMovingMean, nextMovingVariance] = statistics!.map((kept) => {
      const owned = clone(kept); // which, unlike what was kept, the caller's tidy will dispose of
      kept.dispose();
      return owned;
    }) as [Tensor1D, Tensor1D, Tensor1D, Tensor1D];
    return { y, mean, variance, ...(moving && { nextMovingMean, nextMovingVariance }) };
  });
}

/** What a backend without kernels of ours has for it. */
const forms = () => (byTensorFlow.runsHere() ? byTensorFlow : portable);

function withoutKernel(
  given: Parameters<typeof portable.batchNormForward>[0],
  attrs: BatchNormAttributes,
  moving: MovingStatistics | undefined,
): Tensor[] {
  const outputs = forms().batchNormForward(given, attrs);
  if (!moving) return outputs;
  const { mean, variance, momentum } = moving;
  return [...outputs, movingAverage(mean, outputs[1], momentum), movingAverage(variance, outputs[2], momentum)];
}

function gradient(dy: Tensor, saved: Tensor[], attrs: { epsilon: number; relu: boolean }): Tensor[] {
  const [x, gamma, mean, variance, y] = saved as [Tensor, Tensor, Tensor, Tensor, Tensor | undefined];
  const inputs = { dy, x, gamma, mean, variance, ...(y && { y }) };
  return tidy(() =>
    ofFirstOrder(NAME, [dy, x, gamma], () =>
      runKernelOr(KERNELS.batchNormTrainGrad, inputs, attrs, () => forms().batchNormBackward(inputs, attrs)),
    ),
  );
}
