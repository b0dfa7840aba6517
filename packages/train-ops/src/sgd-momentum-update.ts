import { add, mul, sub, type Variable } from '@tensorflow/tfjs-core';
import { checkNumber } from './checks.ts';
import { KERNELS } from './kernel.ts';
import { checkUpdate, type PortableUpdate, runUpdate, type UpdateAttributes, type UpdateOptions } from './update.ts';

export interface SgdMomentumOptions extends UpdateOptions {
  /** From `zeroSlots`. They are assigned their next values. */
  velocity: readonly Variable[];
  /** Default 0.9. */
  momentum?: number;
  /** Whether the weights move by where the velocity will be. Default false. */
  nesterov?: boolean;
}

const NAME = 'sgdMomentumUpdate';

/**
 * One step of gradient descent with momentum for all weights at once, in place:
 * `velocity = momentum * velocity + gradient`, `weight = weight - learningRate * velocity`.
 *
 * @see https://proceedings.mlr.press/v28/sutskever13.html
 */
export function sgdMomentumUpdate(options: SgdMomentumOptions): void {
  const { velocity, learningRate, momentum = 0.9, nesterov = false, weightDecay = 0, decay = 'l2' } = options;
  checkUpdate(NAME, options, { velocity });
  checkNumber(NAME, 'momentum', momentum, { most: 1 });
  const attributes = { learningRate, momentum, nesterov, weightDecay, decoupled: decay === 'decoupled' };
  runUpdate(KERNELS.sgdMomentumUpdate, options, { velocity }, attributes, portable);
}

const portable: PortableUpdate<UpdateAttributes & { momentum: number; nesterov: boolean }> = (
  weight,
  given,
  [velocity],
  { learningRate, momentum, nesterov, weightDecay, decoupled },
) => {
  const decayed = weightDecay ? mul(weight, weightDecay) : undefined;
  const gradient = decayed && !decoupled ? add(given, decayed) : given;
  const next = momentum ? add(mul(velocity!, momentum), gradient) : gradient;
  let direction = nesterov ? add(gradient, mul(next, momentum)) : next;
  if (decayed && decoupled) direction = add(direction, decayed);
  return { weight: sub(weight, mul(direction, learningRate)), slots: [next] };
};
