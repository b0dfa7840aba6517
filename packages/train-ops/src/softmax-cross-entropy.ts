import {
  add,
  cast,
  clone,
  customGrad,
  div,
  exp,
  type GradSaveFunc,
  log,
  max,
  mean,
  mul,
  oneHot,
  reshape,
  softmax,
  sub,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  tensor1d,
  tidy,
} from '@tensorflow/tfjs-core';
import { checkFloatTensor, checkNumber, checkOptions } from './checks.ts';
import { TrainOpsError } from './errors.ts';
import { KERNELS, runKernelOr } from './kernel.ts';
import { checkLabels, type Labels } from './labels.ts';

export interface SoftmaxCrossEntropyOptions {
  /** Share of each label that is spread evenly over all classes, in [0, 1). Default 0. */
  labelSmoothing?: number;
  /** Mean over the rows, their sum, or one loss for each of them. Default 'mean'. */
  reduction?: 'mean' | 'sum' | 'none';
}

const NAME = 'softmaxCrossEntropy';

/**
 * Cross-entropy of softmax(logits) against labels: for every row `-sum_k q_k log softmax(logits)_k`, where
 * `q = (1 - labelSmoothing) labels + labelSmoothing / classes`. Differentiable in logits.
 *
 * logits (rows, classes); labels (rows, classes) of any weights, such as one-hot or mixed, or (rows) of class numbers as a
 * list or an int32 tensor; the loss () or, with `reduction: 'none'`, (rows). Numbers in a list are checked; a tensor's are
 * not, since that would wait for the device.
 *
 * @see https://arxiv.org/abs/1512.00567 section 7 for label smoothing
 */
export function softmaxCrossEntropy(
  labels: Labels,
  logits: Tensor2D,
  options: SoftmaxCrossEntropyOptions = {},
): Tensor {
  checkOptions(NAME, options, 'labelSmoothing, reduction');
  const { labelSmoothing = 0, reduction = 'mean' } = options;
  checkFloatTensor(NAME, 'logits', logits);
  if (logits.rank !== 2 || logits.size === 0) {
    throw new TrainOpsError(NAME, 'logits must have shape (rows, classes), neither 0', logits.shape);
  }
  const [rows, classes] = logits.shape;
  checkLabels(NAME, labels, rows, classes);
  checkNumber(NAME, 'labelSmoothing', labelSmoothing, { most: 1 });
  if (!['mean', 'sum', 'none'].includes(reduction)) {
    throw new TrainOpsError(NAME, "reduction must be 'mean', 'sum' or 'none'", reduction);
  }
  return tidy(() => {
    const weights = weightsOf(labels, classes);
    const operation = customGrad((...inputs) => {
      const save = inputs.pop() as GradSaveFunc;
      const given = { logits: inputs[0] as Tensor2D, labels: weights };
      const [losses, dLogits] = runKernelOr(KERNELS.softmaxCrossEntropy, given, { labelSmoothing }, () =>
        portable(given.logits, weights, labelSmoothing),
      ) as [Tensor1D, Tensor2D];
      save([dLogits, given.logits, weights]);
      const value = reduction === 'none' ? losses : reduction === 'sum' ? sum(losses) : mean(losses);
      const gradFunc = (dy: Tensor, saved: Tensor[]) =>
        tidy(() => {
          const scaled = reduction === 'none' ? reshape(dy, [rows, 1]) : reduction === 'sum' ? dy : div(dy, rows);
          return mul(differentiable(saved as [Tensor2D, Tensor2D, Tensor2D], labelSmoothing), scaled);
        });
      return { value, gradFunc };
    });
    return operation(logits);
  });
}

/** The gradient of the losses' sum, with its own gradient: of softmax(logits) * sum(q) - q. */
function differentiable([dLogits, logits, labels]: [Tensor2D, Tensor2D, Tensor2D], labelSmoothing: number): Tensor {
  return customGrad((...inputs) => {
    (inputs.pop() as GradSaveFunc)([logits, labels]);
    const gradFunc = (dy: Tensor, saved: Tensor[]) => {
      const [at, weights] = saved as [Tensor2D, Tensor2D];
      const shares = softmax(at);
      const scaled = mul(shares, dy);
      const across = sub(scaled, mul(shares, sum(scaled, 1, true)));
      return mul(across, sum(smoothed(weights, labelSmoothing), 1, true));
    };
    return { value: clone(dLogits), gradFunc };
  })(logits);
}

/** One row of class weights for each row of logits. */
function weightsOf(labels: Labels, classes: number): Tensor2D {
  if ('shape' in labels && labels.rank === 2) return labels as Tensor2D;
  const numbers = 'shape' in labels ? (labels as Tensor1D) : tensor1d(Array.from(labels), 'int32');
  // Asked for float32 right away, wasm's oneHot writes the bits of integers.
  return cast(oneHot(numbers, classes), 'float32') as Tensor2D;
}

/** Losses (rows), and the gradient of their sum: softmax(logits) * sum(q) - q, for q that need not sum to 1. */
function portable(logits: Tensor2D, labels: Tensor2D, labelSmoothing: number): [Tensor, Tensor] {
  const q = smoothed(labels, labelSmoothing);
  const shifted = sub(logits, max(logits, 1, true));
  const powers = exp(shifted);
  const total = sum(powers, 1, true);
  const weight = sum(q, 1, true);
  const losses = sub(mul(weight, log(total)), sum(mul(q, shifted), 1, true));
  return [reshape(losses, [-1]), sub(mul(powers, div(weight, total)), q)];
}

function smoothed(labels: Tensor2D, labelSmoothing: number): Tensor {
  return labelSmoothing ? add(mul(labels, 1 - labelSmoothing), labelSmoothing / labels.shape[1]) : labels;
}
