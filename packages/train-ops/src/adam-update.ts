import {
  add,
  div,
  expm1,
  mul,
  neg,
  type Scalar,
  scalar,
  sqrt,
  square,
  sub,
  Tensor,
  type Variable,
} from '@tensorflow/tfjs-core';
import { checkNumber, checkScalar } from './checks.ts';
import { TrainOpsError } from './errors.ts';
import { KERNELS } from './kernel.ts';
import { checkUpdate, type PortableUpdate, runUpdate, type UpdateAttributes, type UpdateOptions } from './update.ts';

export interface AdamOptions extends UpdateOptions {
  /** From `zeroSlots`: moving averages of gradients and of their squares. They are assigned their next values. */
  moment1: readonly Variable[];
  moment2: readonly Variable[];
  /** Which step this is; the first is 1. As a tensor where the update is recorded once and replayed. */
  step: number | Scalar;
  /** Default 0.9. */
  beta1?: number;
  /** Default 0.999. */
  beta2?: number;
  /** Default 1e-7. */
  epsilon?: number;
}

const NAME = 'adamUpdate';

/**
 * One step of Adam for all weights at once, in place: `weight = weight - learningRate * m / (sqrt(v) + epsilon)` with the
 * moments m and v as they would be had they not started at zero.
 *
 * @see https://arxiv.org/abs/1412.6980
 * @see https://arxiv.org/abs/1711.05101 for decoupled decay
 */
export function adamUpdate(options: AdamOptions): void {
  const { moment1, moment2, step, learningRate, weightDecay = 0, decay = 'l2' } = options;
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7 } = options;
  checkUpdate(NAME, options, { moment1, moment2 });
  checkNumber(NAME, 'beta1', beta1, { most: 1 });
  checkNumber(NAME, 'beta2', beta2, { most: 1 });
  checkNumber(NAME, 'epsilon', epsilon, { open: true });
  if (step instanceof Tensor) checkScalar(NAME, 'step', step);
  else if (!Number.isInteger(step) || step < 1) throw new TrainOpsError(NAME, 'step must be an integer >= 1', step);
  const rates = { learningRate, beta1, beta2, epsilon, step, weightDecay, decoupled: decay === 'decoupled' };
  runUpdate(KERNELS.adamUpdate, options, { moment1, moment2 }, rates, portable);
}

type Attributes = UpdateAttributes & Record<'beta1' | 'beta2' | 'epsilon', number> & { step: number | Scalar };

const portable: PortableUpdate<Attributes> = (weight, given, [moment1, moment2], attributes) => {
  const { learningRate, beta1, beta2, weightDecay, decoupled } = attributes;
  const decayed = weightDecay ? mul(weight, weightDecay) : undefined;
  const gradient = decayed && !decoupled ? add(given, decayed) : given;
  const next1 = add(mul(moment1!, beta1), mul(gradient, 1 - beta1));
  const next2 = add(mul(moment2!, beta2), mul(square(gradient), 1 - beta2));
  const [rate, floor] = corrected(attributes);
  const change = mul(div(next1, add(sqrt(next2), floor)), rate);
  const moved = sub(weight, change);
  const last = decayed && decoupled ? sub(moved, mul(decayed, learningRate)) : moved;
  return { weight: last, slots: [next1, next2] };
};

/**
 * The rate and the epsilon that make up for moments that start at zero. With c = 1 - beta^step,
 * m / c1 / (sqrt(v / c2) + epsilon) = m / (sqrt(v) + epsilon sqrt(c2)) * sqrt(c2) / c1.
 */
function corrected({
  learningRate,
  beta1,
  beta2,
  epsilon,
  step,
}: Attributes): [rate: number | Tensor, floor: number | Tensor] {
  if (step instanceof Tensor) {
    // 1 - beta^step as -expm1(step ln beta), which keeps the digits that float32 would lose near 1.
    const rest = (beta: number) => (beta ? neg(expm1(mul(step, Math.log(beta)))) : scalar(1));
    const root = sqrt(rest(beta2));
    return [mul(learningRate, div(root, rest(beta1))), mul(root, epsilon)];
  }
  const root = Math.sqrt(1 - beta2 ** step);
  const share = 1 - beta1 ** step;
  const rate = learningRate instanceof Tensor ? mul(learningRate, root / share) : (learningRate * root) / share;
  return [rate, epsilon * root];
}
