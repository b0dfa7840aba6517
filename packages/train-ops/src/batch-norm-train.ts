import { clone, customGrad, type GradSaveFunc, keep, type Tensor, type Tensor1D, tidy } from '@tensorflow/tfjs-core';
import { batchNormBackward, batchNormForward } from './batch-norm-portable.ts';
import { checkFloatTensor, checkNumber, checkShape } from './checks.ts';
import { TrainOpsError } from './errors.ts';
import { KERNELS, runKernelOr } from './kernel.ts';

export interface BatchNormTrainOptions {
  gamma: Tensor1D;
  beta: Tensor1D;
  /** Added to the variance. Default 1e-3. */
  epsilon?: number;
  /** Whether y is rectified in the same operation. Default false. */
  relu?: boolean;
}

export interface BatchNormTrainResult<T extends Tensor = Tensor> {
  y: T;
  /** Of this batch, for moving statistics; gradients do not pass through it. */
  mean: Tensor1D;
  /** Of this batch, biased: the sum of squares is divided by the number of positions. */
  variance: Tensor1D;
}

const NAME = 'batchNormTrain';

/**
 * Normalizes each channel by the statistics of this batch: `y = gamma * (x - mean) / sqrt(variance + epsilon) + beta`, and
 * with `relu: true` max(y, 0). Differentiable in x, gamma and beta.
 *
 * x and y (..., channels); gamma, beta, mean, variance (channels).
 *
 * @see https://arxiv.org/abs/1502.03167
 */
export function batchNormTrain<T extends Tensor>(x: T, options: BatchNormTrainOptions): BatchNormTrainResult<T> {
  checkFloatTensor(NAME, 'x', x);
  const { gamma, beta, epsilon = 1e-3, relu = false } = options;
  if (x.rank < 2 || x.rank > 4) throw new TrainOpsError(NAME, 'x must have rank 2, 3 or 4', x.shape);
  if (x.size === 0) throw new TrainOpsError(NAME, 'x must not be empty', x.shape);
  for (const [name, tensor] of Object.entries({ gamma, beta })) {
    checkFloatTensor(NAME, name, tensor);
    checkShape(NAME, name, tensor, [x.shape.at(-1)!]);
  }
  checkNumber(NAME, 'epsilon', epsilon, { open: true });
  const attrs = { epsilon, relu };
  return tidy(() => {
    let statistics: [Tensor1D, Tensor1D];
    const normalize = customGrad((...inputs) => {
      const save = inputs.pop() as GradSaveFunc;
      const given = Object.fromEntries(['x', 'gamma', 'beta'].map((name, i) => [name, inputs[i]])) as never;
      const [y, mean, variance] = runKernelOr(KERNELS.batchNormTrain, given, attrs, () =>
        batchNormForward(given, attrs),
      ) as [Tensor, Tensor1D, Tensor1D];
      // The tape takes one output; the others outlive this function by being kept.
      statistics = [keep(mean), keep(variance)];
      save([x, gamma, mean, variance, ...(relu ? [y] : [])]);
      return { value: y, gradFunc: (dy: Tensor, saved: Tensor[]) => gradient(dy, saved, attrs) };
    });
    const y = normalize(x, gamma, beta) as T;
    const [mean, variance] = statistics!.map((kept) => {
      const owned = clone(kept); // which, unlike what was kept, the caller's tidy will dispose of
      kept.dispose();
      return owned;
    }) as [Tensor1D, Tensor1D];
    return { y, mean, variance };
  });
}

function gradient(dy: Tensor, saved: Tensor[], attrs: { epsilon: number; relu: boolean }): Tensor[] {
  const [x, gamma, mean, variance, y] = saved as [Tensor, Tensor, Tensor, Tensor, Tensor | undefined];
  const inputs = { dy, x, gamma, mean, variance, ...(y && { y }) };
  return tidy(() => runKernelOr(KERNELS.batchNormTrainGrad, inputs, attrs, () => batchNormBackward(inputs, attrs)));
}
