// The shader that updates several parameters.
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Binding, Program, UniformType } from '../../gpu/program.ts';

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

/** Names of an item's variables in the shader. */
export interface Bound {
  weight: BoundTarget;
  gradient: string;
  slots: BoundTarget[];
}

export interface BoundTarget {
  before: string;
  after: string;
}

const WHOLE = /^(first|size|offset)\d+$/;

/** Each item has a function of its own, and the workgroups from `first` on. */
export function packProgram(
  rule: Rule,
  items: readonly Bound[],
  width: 1 | 4,
  uniformNames: readonly string[],
): Program {
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
