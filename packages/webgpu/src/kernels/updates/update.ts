// What the updates of all optimizers share: several parameters in one dispatch, in place.
import { type NamedTensorInfoMap, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Backend } from '../../gpu/backend.ts';
import { dispatch } from '../../gpu/dispatch.ts';
import { gridOf } from '../../gpu/grid.ts';
import { checkInputs } from '../checks.ts';
import type { KernelCall } from '../kernel.ts';
import { type Item, type Pack, pack } from './pack.ts';
import { type BoundTarget, packProgram, type Rule, UPDATE_TUNING } from './program.ts';
import { type Target, targetsOf } from './targets.ts';

/** Attributes of every update. */
export interface UpdateAttrs {
  learningRate?: number;
  weightDecay: number;
  decoupled: boolean;
  buckets: number[];
  decays: number[];
}

/** Runs `rule` over all parameters. Gives the next weights and the next slots, one list of slots after another. */
export function update(call: KernelCall<UpdateAttrs>, rule: Rule): TensorInfo[] {
  const { inputs, attrs, backend, abilities } = call;
  const { buckets, decays, weightDecay } = attrs;
  checkUpdate(rule, inputs, buckets);
  const weights = listed(inputs, 'weight', buckets.length);
  const gradients = listed(inputs, 'gradient', buckets.length);
  const count = Math.max(...buckets) + 1;
  const slots = rule.slots.map((name) => listed(inputs, name, count));
  const { learningRate, step } = inputs;
  const read = [...gradients, learningRate, step].filter((tensor) => tensor !== undefined);
  const targets = targetsOf(backend, [...weights, ...slots.flat()], read);
  const slotOf = (list: number, bucket: number) => targets[weights.length + list * count + bucket]!;
  const filled = new Array<number>(count).fill(0);
  const items = gradients.map((gradient, i): Item => {
    const bucket = buckets[i]!;
    const size = util.sizeFromShape(gradient.shape);
    const offset = filled[bucket]!;
    filled[bucket] = offset + size;
    const own = slots.map((_, list) => slotOf(list, bucket));
    return { weight: targets[i]!, gradient, slots: own, offset, size, decay: weightDecay * decays[i]! };
  });
  const buffers = abilities.storageBuffers - (rule.rates ? 1 : 0);
  for (const parts of pack(items, buffers)) runPack(backend, rule, parts);
  return targets.map(({ after }) => after);
}

/** Each gradient must have its weight's shape, and each slot the numbers of its bucket. */
function checkUpdate({ name, slots }: Rule, inputs: NamedTensorInfoMap, buckets: readonly number[]): void {
  const shapes: Record<string, number[]> = {};
  const sizes: number[] = [];
  for (const [i, bucket] of buckets.entries()) {
    const shape = inputs[`weight${i}`]?.shape ?? [];
    shapes[`weight${i}`] = shapes[`gradient${i}`] = shape;
    sizes[bucket] = (sizes[bucket] ?? 0) + util.sizeFromShape(shape);
  }
  checkInputs(name, inputs, shapes);
  for (const slot of slots) {
    for (const [bucket, size] of sizes.entries()) {
      const shape = inputs[`${slot}${bucket}`]?.shape ?? [];
      const fits = util.sizeFromShape(shape) === size;
      checkInputs(name, inputs, { [`${slot}${bucket}`]: fits ? shape : [size] });
    }
  }
}

function listed(inputs: NamedTensorInfoMap, name: string, count: number): TensorInfo[] {
  return Array.from({ length: count }, (_, i) => inputs[`${name}${i}`]!);
}

/** Each item has workgroups of its own, one item's after another's. */
function runPack(backend: Backend, rule: Rule, { items, width }: Pack): void {
  const { threads, unroll } = UPDATE_TUNING;
  const tensors: Record<string, TensorInfo> = rule.rates ? { rates: rule.rates } : {};
  const names = new Map<object, string>();
  const bind = (prefix: string, tensor: TensorInfo) => {
    const name = names.get(tensor.dataId) ?? `${prefix}${names.size}`;
    names.set(tensor.dataId, name);
    tensors[name] = tensor;
    return name;
  };
  const bindTarget = (prefix: string, { before, after }: Target): BoundTarget => ({
    after: bind(prefix, after),
    before: bind('old', before),
  });
  const uniforms: Record<string, number> = { ...rule.uniforms };
  let groups = 0;
  const bound = items.map(({ weight, gradient, slots, offset, size, decay }, i) => {
    uniforms[`first${i}`] = groups;
    uniforms[`size${i}`] = size / width;
    uniforms[`offset${i}`] = offset / width;
    uniforms[`decay${i}`] = decay;
    groups += Math.ceil(size / width / (threads * unroll));
    return {
      weight: bindTarget('weight', weight),
      slots: slots.map((slot) => bindTarget('slot', slot)),
      gradient: bind('old', gradient),
    };
  });
  dispatch(backend, packProgram(rule, bound, width, Object.keys(uniforms)), {
    tensors,
    uniforms,
    workgroups: gridOf(backend, groups),
  });
}
