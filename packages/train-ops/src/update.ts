// What the updates of all optimizers share.
import { getBackend, getKernel, type NamedTensorMap, type Scalar, Tensor, tidy, Variable } from '@tensorflow/tfjs-core';
import { assignParts, type Bucket, bucketsOf, gather, slotShape } from './buckets.ts';
import { checkFloatTensor, checkNumber, checkRate, checkShape } from './checks.ts';
import { TrainOpsError } from './errors.ts';
import { runKernelOr } from './kernel.ts';

export interface UpdateOptions {
  /** Every parameter. They are assigned their next values. */
  weights: readonly Variable[];
  /** One for each weight, of its shape. */
  gradients: readonly Tensor[];
  /** As a tensor where the update is recorded once and replayed, with another rate each time. */
  learningRate: number | Scalar;
  /** Default 0. */
  weightDecay?: number;
  /**
   * 'l2' adds weightDecay * weight to the gradient, as the penalty `weightDecay / 2 * |weight|^2` on the loss does;
   * 'decoupled' takes learningRate * weightDecay * weight off the weight itself, as AdamW does. Default 'l2'.
   */
  decay?: 'l2' | 'decoupled';
  /** Factor of the decay for each weight, such as 0 for those that shall not decay. Default 1. */
  decays?: readonly number[];
}

/** Attributes of the kernels and arguments of the portable forms alike. */
export interface UpdateAttributes {
  learningRate: number | Scalar;
  weightDecay: number;
  decoupled: boolean;
}

/** One bucket: weight and gradient and slots of one shape, `weightDecay` with the bucket's factor. */
export type PortableUpdate<Attributes> = (
  weight: Tensor,
  gradient: Tensor,
  slots: readonly Tensor[],
  attributes: Attributes,
) => { weight: Tensor; slots: Tensor[] };

type Slots = Record<string, readonly Variable[]>;

export function checkUpdate(operation: string, options: UpdateOptions, slots: Slots): void {
  const { weights, gradients, learningRate, weightDecay = 0, decay = 'l2', decays } = options;
  if (!weights.length) throw new TrainOpsError(operation, 'there must be a weight', weights);
  if (gradients.length !== weights.length) {
    throw new TrainOpsError(operation, `gradients must be ${weights.length}, one for each weight`, gradients.length);
  }
  for (const [i, weight] of weights.entries()) {
    checkVariable(operation, `weights[${i}]`, weight, weight?.shape);
    checkFloatTensor(operation, `gradients[${i}]`, gradients[i]);
    checkShape(operation, `gradients[${i}]`, gradients[i]!, weight.shape);
  }
  if (decays && !(decays.length === weights.length && decays.every((factor) => factor >= 0))) {
    throw new TrainOpsError(operation, `decays must be ${weights.length} numbers >= 0, one for each weight`, decays);
  }
  const buckets = bucketsOf(weights, decays);
  for (const [name, variables] of Object.entries(slots)) {
    if (variables?.length !== buckets.length) {
      throw new TrainOpsError(operation, `${name} must be what zeroSlots makes for these weights`, variables);
    }
    for (const [i, bucket] of buckets.entries()) {
      checkVariable(operation, `${name}[${i}]`, variables[i], slotShape(bucket, weights));
    }
  }
  checkRate(operation, 'learningRate', learningRate);
  checkNumber(operation, 'weightDecay', weightDecay);
  checkDecay(operation, decay);
}

function checkVariable(operation: string, name: string, value: unknown, shape: readonly number[]): void {
  if (!(value instanceof Variable)) throw new TrainOpsError(operation, `${name} must be a variable`, value);
  checkFloatTensor(operation, name, value);
  checkShape(operation, name, value, shape);
}

export function checkDecay(operation: string, decay: unknown): void {
  if (decay !== 'l2' && decay !== 'decoupled') {
    throw new TrainOpsError(operation, "decay must be 'l2' or 'decoupled'", decay);
  }
}

/** Updates all weights and slots by the backend's kernel, or bucket by bucket, so that little is held twice. */
export function runUpdate<Attributes extends UpdateAttributes>(
  kernel: string,
  { weights, gradients, decays }: UpdateOptions,
  slots: Slots,
  attributes: Attributes,
  portable: PortableUpdate<Attributes>,
): void {
  const buckets = bucketsOf(weights, decays);
  const lists = Object.values(slots);
  if (getKernel(kernel, getBackend())) {
    const { members, factors } = layoutOf(buckets, weights.length);
    const inputs: NamedTensorMap = { ...numbered('weight', weights), ...numbered('gradient', gradients) };
    for (const [name, variables] of Object.entries(slots)) Object.assign(inputs, numbered(name, variables));
    // What is given as a tensor is an input, the rest are attributes.
    const attrs: Record<string, unknown> = { buckets: members, decays: factors };
    for (const [name, value] of Object.entries(attributes)) {
      if (value instanceof Tensor) inputs[name] = value;
      else attrs[name] = value;
    }
    tidy(() => {
      const next = runKernelOr(kernel, inputs, attrs as never, () => []);
      for (const [i, target] of [...weights, ...lists.flat()].entries()) target.assign(next[i]!);
    });
    return;
  }
  for (const [i, bucket] of buckets.entries()) {
    tidy(() => {
      const held = lists.map((variables) => variables[i]!);
      const { weightDecay } = attributes;
      const own = { ...attributes, weightDecay: weightDecay * bucket.decay };
      const next = portable(gather(bucket, weights), gather(bucket, gradients), held, own);
      assignParts(bucket, weights, next.weight);
      for (const [at, slot] of held.entries()) slot.assign(next.slots[at]!);
    });
  }
}

/** For each weight the bucket that it is in, and its factor of the decay. */
function layoutOf(buckets: Bucket[], count: number): { members: number[]; factors: number[] } {
  const members = new Array<number>(count);
  const factors = new Array<number>(count);
  for (const [bucket, { members: inside, decay }] of buckets.entries()) {
    for (const i of inside) {
      members[i] = bucket;
      factors[i] = decay;
    }
  }
  return { members, factors };
}

function numbered(name: string, tensors: readonly Tensor[]): NamedTensorMap {
  return Object.fromEntries(tensors.map((tensor, i) => [`${name}${i}`, tensor]));
}
