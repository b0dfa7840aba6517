// What the updates of all optimizers share.
import {
  add,
  engine,
  getBackend,
  mul,
  type NamedAttrMap,
  type NamedTensorMap,
  type Scalar,
  scalar,
  Tensor,
  tidy,
  type Variable,
} from '@tensorflow/tfjs-core';
import { assignParts, type Bucket, bucketsOf, gather } from './buckets.ts';
import { type HostUpdate, updateOnHost } from './host-update.ts';
import { hasKernel } from './kernel.ts';

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
export type PortableUpdate = (
  weight: Tensor,
  gradient: Tensor,
  slots: readonly Tensor[],
  weightDecay: number,
) => { weight: Tensor; slots: Tensor[] };

/** The forms of an update. All but the kernel are made ready for a step by its attributes. */
export interface UpdateRule<Attributes> {
  kernel: string;
  portable(attributes: Attributes): PortableUpdate;
  onHost(attributes: Attributes): HostUpdate;
}

/** One list for each name of what is remembered. */
export type Slots = Record<string, readonly Variable[]>;

/** Updates all weights and slots by the backend's kernel, by a loop on cpu, or bucket by bucket, so that little is held twice. */
export function runUpdate<Attributes extends UpdateAttributes>(
  { kernel, portable, onHost }: UpdateRule<Attributes>,
  { weights, gradients, decays }: UpdateOptions,
  slots: Slots,
  attributes: Attributes,
): void {
  const buckets = bucketsOf(weights, decays);
  const lists = Object.values(slots);
  const { weightDecay } = attributes;
  if (hasKernel(kernel)) {
    updateByKernel(kernel, { buckets, weights, gradients, slots, attributes });
    return;
  }
  if (getBackend() === 'cpu') {
    updateOnHost({ buckets, weights, gradients, slots: lists, weightDecay }, onHost(attributes));
    return;
  }
  tidy(() => {
    const update = portable(attributes);
    for (const [i, bucket] of buckets.entries()) {
      tidy(() => {
        const held = lists.map((variables) => variables[i]!);
        const next = update(gather(bucket, weights), gather(bucket, gradients), held, weightDecay * bucket.decay);
        assignParts(bucket, weights, next.weight);
        for (const [at, slot] of held.entries()) slot.assign(next.slots[at]!);
      });
    }
  });
}

interface KernelUpdate {
  buckets: readonly Bucket[];
  weights: readonly Variable[];
  gradients: readonly Tensor[];
  slots: Slots;
  attributes: UpdateAttributes;
}

function updateByKernel(kernel: string, { buckets, weights, gradients, slots, attributes }: KernelUpdate): void {
  const inputs: NamedTensorMap = {};
  addNumbered(inputs, 'weight', weights);
  addNumbered(inputs, 'gradient', gradients);
  for (const [name, variables] of Object.entries(slots)) addNumbered(inputs, name, variables);
  const attrs: NamedAttrMap = layoutOf(buckets);
  // What is given as a tensor is an input, the rest are attributes.
  for (const [name, value] of Object.entries(attributes)) {
    if (value instanceof Tensor) inputs[name] = value;
    else attrs[name] = value;
  }
  tidy(() => {
    const next = engine().runKernel(kernel, inputs, attrs) as Tensor[];
    for (const [i, target] of [...weights, ...Object.values(slots).flat()].entries()) {
      if (next[i]!.dataId !== target.dataId) target.assign(next[i]!); // or else it was moved in place
    }
  });
}

/** The gradient of the loss and of an L2 penalty. */
export function penalized(gradient: Tensor, weight: Tensor, weightDecay: number): Tensor {
  return weightDecay ? tidy(() => add(gradient, mul(weight, weightDecay))) : gradient;
}

/** A rate as a tensor, made once for all buckets. */
export function scalarOf(rate: number | Tensor): Tensor {
  return typeof rate === 'number' ? scalar(rate) : rate;
}

/** For each weight the bucket that it is in, and its factor of the decay. */
function layoutOf(list: readonly Bucket[]): { buckets: number[]; decays: number[] } {
  const [buckets, decays]: [number[], number[]] = [[], []];
  for (const [bucket, { members, decay }] of list.entries()) {
    for (const i of members) {
      buckets[i] = bucket;
      decays[i] = decay;
    }
  }
  return { buckets, decays };
}

function addNumbered(inputs: NamedTensorMap, name: string, tensors: readonly Tensor[]): void {
  for (let i = 0; i < tensors.length; i++) inputs[name + i] = tensors[i]!;
}
