import { dispatch, output } from '../gpu/dispatch.ts';
import { gridOf } from '../gpu/grid.ts';
import type { Program } from '../gpu/program.ts';
import { checkInputs } from './checks.ts';
import { trainingKernel } from './kernel.ts';

const THREADS = 64;

/** Classes from which on a row has a workgroup of its own. To be tuned on the chip. */
const MANY = 48;

const common = {
  name: 'StridelabSoftmaxCrossEntropy',
  bindings: { logits: 'read', labels: 'read', losses: 'read_write', dLogits: 'read_write' },
  uniforms: { rows: 'u32', classes: 'u32', smoothing: 'f32' },
} as const;

/** What both programs compute of the classes `first`, `first + step` ... of one row. */
const parts = /* wgsl */ `
    fn largestOf(start: u32, first: u32, step: u32) -> f32 {
      var largest = logits[start];
      for (var i = first; i < uniforms.classes; i += step) { largest = max(largest, logits[start + i]); }
      return largest;
    }
    fn weightOf(at: u32) -> f32 {
      return labels[at] * (1.0 - uniforms.smoothing) + uniforms.smoothing / f32(uniforms.classes);
    }
    /** Sums of the powers, of the weights, and of each weight times its shifted logit. */
    fn sumsOf(start: u32, first: u32, step: u32, largest: f32) -> vec3f {
      var sums = vec3f();
      for (var i = first; i < uniforms.classes; i += step) {
        let shifted = logits[start + i] - largest;
        let weight = weightOf(start + i);
        sums += vec3f(exp(shifted), weight, weight * shifted);
      }
      return sums;
    }
    fn lossOf(sums: vec3f) -> f32 { return sums.y * log(sums.x) - sums.z; }
    fn writeGradient(start: u32, first: u32, step: u32, largest: f32, sums: vec3f) {
      for (var i = first; i < uniforms.classes; i += step) {
        dLogits[start + i] = exp(logits[start + i] - largest) * (sums.y / sums.x) - weightOf(start + i);
      }
    }`;

/** A row to a thread: where classes are few, rows lie so close that neighbours share what they fetch. */
const fewClasses: Program = {
  ...common,
  code: () => /* wgsl */ `
    ${parts}
    @compute @workgroup_size(${THREADS})
    fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
      let row = id.x + id.y * workgroups.x * ${THREADS};
      if (row >= uniforms.rows) { return; }
      let start = row * uniforms.classes;
      let largest = largestOf(start, 0u, 1u);
      let sums = sumsOf(start, 0u, 1u, largest);
      losses[row] = lossOf(sums);
      writeGradient(start, 0u, 1u, largest, sums);
    }`,
};

/** A row to a workgroup. */
const manyClasses: Program = {
  ...common,
  variant: 'many',
  code: () => /* wgsl */ `
    ${parts}
    var<workgroup> found: array<vec3f, ${THREADS}>;
    @compute @workgroup_size(${THREADS})
    fn main(
      @builtin(workgroup_id) workgroup: vec3u,
      @builtin(num_workgroups) workgroups: vec3u,
      @builtin(local_invocation_index) thread: u32,
    ) {
      let row = workgroup.x + workgroup.y * workgroups.x;
      if (row >= uniforms.rows) { return; }
      let start = row * uniforms.classes;
      found[thread].x = largestOf(start, thread, ${THREADS}u);
      for (var half = ${THREADS / 2}u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if (thread < half) { found[thread].x = max(found[thread].x, found[thread + half].x); }
      }
      let largest = workgroupUniformLoad(&found[0]).x;
      found[thread] = sumsOf(start, thread, ${THREADS}u, largest);
      for (var half = ${THREADS / 2}u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if (thread < half) { found[thread] += found[thread + half]; }
      }
      let sums = workgroupUniformLoad(&found[0]);
      if (thread == 0u) { losses[row] = lossOf(sums); }
      writeGradient(start, thread, ${THREADS}u, largest, sums);
    }`,
};

/** Losses (rows), and the gradient of their sum (rows, classes). */
export const softmaxCrossEntropy = trainingKernel<{ labelSmoothing: number }, ReturnType<typeof output>[]>(
  'StridelabSoftmaxCrossEntropy',
  ({ inputs, attrs, backend }) => {
    const { logits, labels } = inputs;
    const [rows = 0, classes = 0] = logits?.shape ?? [];
    checkInputs('StridelabSoftmaxCrossEntropy', inputs, { logits: [rows, classes], labels: [rows, classes] });
    const losses = output(backend, [rows]);
    const dLogits = output(backend, [rows, classes]);
    const many = classes >= MANY;
    dispatch(backend, many ? manyClasses : fewClasses, {
      tensors: { logits: logits!, labels: labels!, losses, dLogits },
      uniforms: { rows, classes, smoothing: attrs.labelSmoothing },
      workgroups: gridOf(backend, many ? rows : Math.ceil(rows / THREADS)),
    });
    return [losses, dLogits];
  },
);
