import { add, div, mul, sqrt, square, sub, type Tensor, type Tensor1D, tidy } from '@tensorflow/tfjs-core';
import { checkNumber } from './checks.ts';
import { TrainOpsError } from './errors.ts';
import { flatten, unflatten } from './flat.ts';
import { KERNELS, runKernelOr } from './kernel.ts';
import { checkUpdate, decayOf, kernelInputs, type UpdateOptions } from './update.ts';

export interface AdamOptions extends UpdateOptions {
  /** Moving averages of gradients and of their squares for all weights in a row, zeros at first. (total size) each */
  moment1: Tensor1D;
  moment2: Tensor1D;
  /** Which step this is; the first is 1. */
  step: number;
  /** Default 0.9. */
  beta1?: number;
  /** Default 0.999. */
  beta2?: number;
  /** Default 1e-7. */
  epsilon?: number;
}

const NAME = 'adamUpdate';

/**
 * One step of Adam for all weights at once, as new tensors: `weight = weight - learningRate * m / (sqrt(v) + epsilon)` with
 * the moments m and v as they would be had they not started at zero.
 *
 * @see https://arxiv.org/abs/1412.6980
 * @see https://arxiv.org/abs/1711.05101 for decoupled decay
 */
export function adamUpdate(options: AdamOptions): { weights: Tensor[]; moment1: Tensor1D; moment2: Tensor1D } {
  const { moment1, moment2, step, learningRate, weightDecay = 0, decay = 'l2' } = options;
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7 } = options;
  checkUpdate(NAME, options, { moment1, moment2 });
  checkNumber(NAME, 'beta1', beta1, { most: 1 });
  checkNumber(NAME, 'beta2', beta2, { most: 1 });
  checkNumber(NAME, 'epsilon', epsilon, { open: true });
  if (!Number.isInteger(step) || step < 1) throw new TrainOpsError(NAME, 'step must be an integer >= 1', step);
  const rates = { learningRate, beta1, beta2, epsilon, step, weightDecay };
  const attrs = { count: options.weights.length, ...rates, decoupled: decay === 'decoupled' };
  const inputs = kernelInputs(options, { moment1, moment2 });
  const [next1, next2, ...weights] = tidy(() =>
    runKernelOr(KERNELS.adamUpdate, inputs, attrs, () => portable(options, attrs)),
  ) as [Tensor1D, Tensor1D, ...Tensor[]];
  return { moment1: next1, moment2: next2, weights };
}

type Attributes = Record<'learningRate' | 'beta1' | 'beta2' | 'epsilon' | 'step' | 'weightDecay', number> & {
  decoupled: boolean;
};

function portable({ weights, gradients, moment1, moment2, decays }: AdamOptions, attrs: Attributes): Tensor[] {
  const { learningRate, beta1, beta2, epsilon, step, weightDecay, decoupled } = attrs;
  const weight = flatten(weights);
  const decayed = weightDecay ? decayOf(weight, weightDecay, decays) : undefined;
  let gradient: Tensor = flatten(gradients);
  if (decayed && !decoupled) gradient = add(gradient, decayed);
  const next1 = add(mul(moment1, beta1), mul(gradient, 1 - beta1)) as Tensor1D;
  const next2 = add(mul(moment2, beta2), mul(square(gradient), 1 - beta2)) as Tensor1D;
  // With c = 1 - beta^step, m / c1 / (sqrt(v / c2) + epsilon) = m / (sqrt(v) + epsilon sqrt(c2)) * sqrt(c2) / c1.
  const root = Math.sqrt(1 - beta2 ** step);
  const rate = (learningRate * root) / (1 - beta1 ** step);
  let change = mul(div(next1, add(sqrt(next2), epsilon * root)), rate);
  if (decayed && decoupled) change = add(change, mul(decayed, learningRate));
  return [next1, next2, ...unflatten(sub(weight, change) as Tensor1D, weights)];
}
