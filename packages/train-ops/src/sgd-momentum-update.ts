import { add, mul, sub, type Tensor, type Tensor1D, tidy } from '@tensorflow/tfjs-core';
import { checkNumber } from './checks.ts';
import { flatten, unflatten } from './flat.ts';
import { KERNELS, runKernelOr } from './kernel.ts';
import { checkUpdate, decayOf, kernelInputs, type UpdateOptions } from './update.ts';

export interface SgdMomentumOptions extends UpdateOptions {
  /** The velocities of all weights in a row, zeros at first. (total size) */
  velocity: Tensor1D;
  /** Default 0.9. */
  momentum?: number;
  /** Whether the weights move by where the velocity will be. Default false. */
  nesterov?: boolean;
}

const NAME = 'sgdMomentumUpdate';

/**
 * One step of gradient descent with momentum for all weights at once, as new tensors:
 * `velocity = momentum * velocity + gradient`, `weight = weight - learningRate * velocity`.
 *
 * @see https://proceedings.mlr.press/v28/sutskever13.html
 */
export function sgdMomentumUpdate(options: SgdMomentumOptions): { weights: Tensor[]; velocity: Tensor1D } {
  const { velocity, learningRate, momentum = 0.9, nesterov = false, weightDecay = 0, decay = 'l2' } = options;
  checkUpdate(NAME, options, { velocity });
  checkNumber(NAME, 'momentum', momentum, { most: 1 });
  const decoupled = decay === 'decoupled';
  const attrs = { count: options.weights.length, learningRate, momentum, nesterov, weightDecay, decoupled };
  const [next, ...weights] = tidy(() =>
    runKernelOr(KERNELS.sgdMomentumUpdate, kernelInputs(options, { velocity }), attrs, () => portable(options, attrs)),
  ) as [Tensor1D, ...Tensor[]];
  return { velocity: next, weights };
}

function portable(
  { weights, gradients, velocity, decays }: SgdMomentumOptions,
  {
    learningRate,
    momentum,
    nesterov,
    weightDecay,
    decoupled,
  }: Record<'learningRate' | 'momentum' | 'weightDecay', number> & Record<'nesterov' | 'decoupled', boolean>,
): Tensor[] {
  const weight = flatten(weights);
  const decayed = weightDecay ? decayOf(weight, weightDecay, decays) : undefined;
  let gradient: Tensor = flatten(gradients);
  if (decayed && !decoupled) gradient = add(gradient, decayed);
  const next = momentum ? (add(mul(velocity, momentum), gradient) as Tensor1D) : (gradient as Tensor1D);
  let direction: Tensor = nesterov ? add(gradient, mul(next, momentum)) : next;
  if (decayed && decoupled) direction = add(direction, decayed);
  const moved = sub(weight, mul(direction, learningRate)) as Tensor1D;
  return [next, ...unflatten(moved, weights)];
}
