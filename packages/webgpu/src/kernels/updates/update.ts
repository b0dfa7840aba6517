// What the updates of all optimizers share: several parameters in one dispatch, in place.
import { type NamedTensorInfoMap, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Backend } from '../../gpu/backend.ts';
import { dispatch } from '../../gpu/dispatch.ts';
import { gridOf } from '../../gpu/grid.ts';
import type { Binding, Program, UniformType } from '../../gpu/program.ts';
import { checkInputs } from '../checks.ts';
import type { KernelCall } from '../kernel.ts';
import { type Item, type Pack, pack } from './pack.ts';
import { type Target, targetsOf } from './targets.ts';

/** Attributes of every update. */
export interface UpdateAttrs {
  learningRate?: number;
  weightDecay: number;
  decoupled: boolean;
  buckets: number[];
  decays: number[];
}

/** To be tuned on the chip. */
export const UPDATE_TUNING = {
  threads: 256,
  /** Vectors that a thread fetches before it uses the first. */
  unroll: 2,
};

/** How one optimizer moves one number, or four. */
export interface Rule {
  name: string;
  variant: string;
  /** Names of the slots, as the inputs have them. */
  slots: readonly string[];
  uniforms: Readonly<Record<string, number>>;
  /** What it reads of a tensor instead: `rates[i]`. */
  rates?: TensorInfo;
  /**
   * `fn next(weight: Value, given: Value, <slots>: Value, decay: f32) -> Next`, of a struct of the weight and the slots,
   * all `Value`.
   */
  code: string;
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

/** Names of an item's variables in the shader. */
interface Bound {
  weight: BoundTarget;
  gradient: string;
  slots: BoundTarget[];
}

interface BoundTarget {
  before: string;
  after: string;
}

const WHOLE = /^(first|size|offset)\d+$/;

function packProgram(rule: Rule, items: readonly Bound[], width: 1 | 4, uniformNames: readonly string[]): Program {
  const element = width === 4 ? 'vec4f' : 'f32';
  const bindings: Record<string, Binding> = rule.rates ? { rates: { access: 'read' } } : {};
  const targets = items.flatMap(({ weight, slots }) => [weight, ...slots]);
  const read = [...targets.map(({ before }) => before), ...items.map(({ gradient }) => gradient)];
  for (const name of read) bindings[name] = { access: 'read', element };
  for (const { after } of targets) bindings[after] = { access: 'read_write', element };
  const types = uniformNames.map((name): [string, UniformType] => [name, WHOLE.test(name) ? 'u32' : 'f32']);
  const namesOf = ({ weight, gradient, slots }: Bound) =>
    [gradient, ...[weight, ...slots].flatMap(({ before, after }) => [before, after])].join(' ');
  return {
    name: rule.name,
    variant: `${rule.variant} ${width}: ${items.map(namesOf).join(', ')}`,
    bindings,
    uniforms: Object.fromEntries(types),
    code: () => /* wgsl */ `
    alias Value = ${element};
    ${rule.code}
    ${items.map((item, i) => itemCode(item, i)).join('')}
    @compute @workgroup_size(${UPDATE_TUNING.threads})
    fn main(
      @builtin(workgroup_id) workgroup: vec3u,
      @builtin(num_workgroups) workgroups: vec3u,
      @builtin(local_invocation_index) thread: u32,
    ) {
      let group = workgroup.x + workgroup.y * workgroups.x;
      ${items.map((_, i) => (i < items.length - 1 ? `if (group < uniforms.first${i + 1}) { update${i}(group, thread); } else ` : `{ update${i}(group, thread); }`)).join('')}
    }`,
  };
}

/** A thread fetches all that it needs before it writes, from the last place instead where it is beyond the end. */
function itemCode({ weight, gradient, slots }: Bound, item: number): string {
  const { threads, unroll } = UPDATE_TUNING;
  const parts = Array.from({ length: unroll }, (_, i) => i);
  const fetch = (i: number) => /* wgsl */ `
      let at${i} = first + ${i * threads}u;
      let near${i} = min(at${i}, uniforms.size${item} - 1u);
      let weight_${i} = ${weight.before}[near${i}];
      let gradient_${i} = ${gradient}[near${i}];
      ${slots.map((slot, s) => `let slot${s}_${i} = ${slot.before}[near${i} + uniforms.offset${item}];`).join(' ')}`;
  const write = (i: number) => /* wgsl */ `
      if (at${i} < uniforms.size${item}) {
        let moved = next(weight_${i}, gradient_${i}, ${slots.map((_, s) => `slot${s}_${i}`).join(', ')}, uniforms.decay${item});
        ${weight.after}[at${i}] = moved.weight;
        ${slots.map((slot, s) => `${slot.after}[at${i} + uniforms.offset${item}] = moved.slot${s};`).join(' ')}
      }`;
  return /* wgsl */ `
    fn update${item}(group: u32, thread: u32) {
      let first = (group - uniforms.first${item}) * ${threads * unroll}u + thread;
      ${parts.map(fetch).join('')}
      ${parts.map(write).join('')}
    }`;
}
