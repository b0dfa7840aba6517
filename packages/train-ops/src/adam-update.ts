import { optionsOrNone } from '@stridelab/errors';
import {
  add,
  div,
  env,
  expm1,
  getBackend,
  mul,
  neg,
  type Scalar,
  scalar,
  sqrt,
  square,
  sub,
  Tensor,
  tidy,
  type Variable,
} from '@tensorflow/tfjs-core';
import { checkNumber, checkScalar } from './checks.ts';
import { TrainOpsError } from './errors.ts';
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
 * What epsilon takes more in half precision. A second moment below the least float16, 2^-24, is zero there: this is the largest
 * gradient of which nothing stays, so that no step is longer for it. And webgl takes nothing divided by nothing for 1.
 */
function halfPrecisionEpsilon(beta2: number): number {
  const isHalf = getBackend() === 'webgl' && !env().get('WEBGL_RENDER_FLOAT32_ENABLED');
  return isHalf ? 2 ** -12 / Math.sqrt(1 - beta2) : 0;
}

/**
 * One step of Adam for all weights at once, in place: `weight = weight - learningRate * m / (sqrt(v) + epsilon)` with the
 * moments m and v as they would be had they not started at zero.
 *
 * @see https://arxiv.org/abs/1412.6980
 * @see https://arxiv.org/abs/1711.05101 for decoupled decay
 */
export function adamUpdate(given: AdamOptions): void {
  const options = optionsOrNone(given);
  const { moment1, moment2, step, learningRate, weightDecay = 0, decay = 'l2' } = options;
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7 } = options;
  checkUpdate(NAME, options, { moment1, moment2 }, 'moment1, moment2, step, beta1, beta2, epsilon');
  checkNumber(NAME, 'beta1', beta1, { most: 1 });
  checkNumber(NAME, 'beta2', beta2, { most: 1 });
  checkNumber(NAME, 'epsilon', epsilon, { open: true });
  if (step instanceof Tensor) checkScalar(NAME, 'step', step);
  else if (!Number.isInteger(step) || step < 1) throw new TrainOpsError(NAME, 'step must be an integer >= 1', step);
  const rates = { learningRate, beta1, beta2, epsilon, step, weightDecay, decoupled: decay === 'decoupled' };
  runUpdate({ kernel: KERNELS.adamUpdate, portable, onHost }, options, { moment1, moment2 }, rates);
}

type Attributes = UpdateAttributes & Record<'beta1' | 'beta2' | 'epsilon', number> & { step: number | Scalar };

function portable(attributes: Attributes): PortableUpdate {
  const { learningRate, beta1, beta2, decoupled } = attributes;
  const epsilon = attributes.epsilon + halfPrecisionEpsilon(beta2);
  const [rate, floor] = corrected({ ...attributes, epsilon }).map(scalarOf) as [Tensor, Tensor];
  const [kept1, kept2, new1, new2] = [beta1, beta2, 1 - beta1, 1 - beta2].map(scalarOf) as Tensor[];
  const plainRate = scalarOf(learningRate);
  return (weight, given, [moment1, moment2], weightDecay) => {
    const gradient = decoupled ? given : penalized(given, weight, weightDecay);
    const next1 = tidy(() => add(mul(moment1!, kept1!), mul(gradient, new1!)));
    const next2 = tidy(() => add(mul(moment2!, kept2!), mul(square(gradient), new2!)));
    const moved = tidy(() => {
      const change = mul(div(next1, add(sqrt(next2), floor)), rate);
      const shrunk = decoupled && weightDecay ? sub(weight, mul(mul(weight, weightDecay), plainRate)) : weight;
      return sub(shrunk, change);
    });
    return { weight: moved, slots: [next1, next2] };
  };
}

function onHost(attributes: Attributes): HostUpdate {
  const { beta1, beta2, decoupled } = attributes;
  const [learningRate, step] = [numberOf(attributes.learningRate), numberOf(attributes.step)];
  const [rate, floor] = corrected({ ...attributes, learningRate, step }) as [number, number];
  return ({ weight, gradient, slots: [first, second], nextWeight, nextSlots: [next1, next2] }, weightDecay) => {
    const [l2, shrink] = decoupled ? [0, learningRate * weightDecay] : [weightDecay, 0];
    for (let i = 0; i < weight.length; i++) {
      const slope = gradient[i]! + l2 * weight[i]!;
      const m = beta1 * first![i]! + (1 - beta1) * slope;
      const v = beta2 * second![i]! + (1 - beta2) * slope * slope;
      next1![i] = m;
      next2![i] = v;
      nextWeight[i] = weight[i]! - (rate * m) / (Math.sqrt(v) + floor) - shrink * weight[i]!;
    }
  };
}

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
