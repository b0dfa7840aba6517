import { optionsOrNone } from '@stridelab/errors';
import { add, mul, sub, tidy, type Variable } from '@tensorflow/tfjs-core';
import { checkNumber } from './checks.ts';
import { type HostUpdate, numberOf } from './host-update.ts';
import { KERNELS } from './kernel.ts';
import {
  type PortableUpdate,
  penalized,
  runUpdate,
  scalarOf,
  type UpdateAttributes,
  type UpdateOptions,
} from './update.ts';
import { checkUpdate } from './update-checks.ts';

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
export function sgdMomentumUpdate(given: SgdMomentumOptions): void {
  const options = optionsOrNone(given);
  const { velocity, learningRate, momentum = 0.9, nesterov = false, weightDecay = 0, decay = 'l2' } = options;
  checkUpdate(NAME, options, { velocity }, 'velocity, momentum, nesterov');
  checkNumber(NAME, 'momentum', momentum, { most: 1 });
  const attributes = { learningRate, momentum, nesterov, weightDecay, decoupled: decay === 'decoupled' };
  runUpdate({ kernel: KERNELS.sgdMomentumUpdate, portable, onHost }, options, { velocity }, attributes);
}

type Attributes = UpdateAttributes & { momentum: number; nesterov: boolean };

function portable({ learningRate, momentum, nesterov, decoupled }: Attributes): PortableUpdate {
  const [rate, kept] = [scalarOf(learningRate), scalarOf(momentum)];
  return (weight, given, [velocity], weightDecay) => {
    // What has served is let go of at once: the temporaries of a large weight are most of what an update holds.
    const gradient = decoupled ? given : penalized(given, weight, weightDecay);
    const next = momentum ? tidy(() => add(mul(velocity!, kept), gradient)) : gradient;
    const moved = tidy(() => {
      const direction = nesterov ? add(gradient, mul(next, kept)) : next;
      return sub(weight, mul(decoupled ? penalized(direction, weight, weightDecay) : direction, rate));
    });
    return { weight: moved, slots: [next] };
  };
}

function onHost({ learningRate, momentum, nesterov, decoupled }: Attributes): HostUpdate {
  const rate = numberOf(learningRate);
  return ({ weight, gradient, slots: [velocity], nextWeight, nextSlots: [nextVelocity] }, weightDecay) => {
    const [l2, shrink] = decoupled ? [0, rate * weightDecay] : [weightDecay, 0];
    for (let i = 0; i < weight.length; i++) {
      const slope = gradient[i]! + l2 * weight[i]!;
      const next = momentum * velocity![i]! + slope;
      const direction = nesterov ? slope + momentum * next : next;
      nextVelocity![i] = next;
      nextWeight[i] = weight[i]! - rate * direction - shrink * weight[i]!;
    }
  };
}
