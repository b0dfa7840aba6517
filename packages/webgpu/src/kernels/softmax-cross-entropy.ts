import { dispatch, output } from '../gpu/dispatch.ts';
import type { Program } from '../gpu/program.ts';
import { trainingKernel } from './kernel.ts';

const THREADS = 64;

/** A row to a thread: classes are few, and rows lie so close that neighbours share what they fetch. */
const program: Program = {
  name: 'StridelabSoftmaxCrossEntropy',
  bindings: { logits: 'read', labels: 'read', losses: 'read_write', dLogits: 'read_write' },
  uniforms: { rows: 'u32', classes: 'u32', smoothing: 'f32' },
  code: () => /* wgsl */ `
    @compute @workgroup_size(${THREADS})
    fn main(@builtin(global_invocation_id) id: vec3u) {
      let row = id.x;
      if (row >= uniforms.rows) { return; }
      let classes = uniforms.classes;
      let first = row * classes;
      let spread = uniforms.smoothing / f32(classes);
      var largest = logits[first];
      for (var i = 1u; i < classes; i++) { largest = max(largest, logits[first + i]); }
      var powers = 0.0;
      var weight = 0.0;
      var product = 0.0;
      for (var i = 0u; i < classes; i++) {
        let shifted = logits[first + i] - largest;
        let q = labels[first + i] * (1.0 - uniforms.smoothing) + spread;
        powers += exp(shifted);
        weight += q;
        product += q * shifted;
      }
      losses[row] = weight * log(powers) - product;
      for (var i = 0u; i < classes; i++) {
        let q = labels[first + i] * (1.0 - uniforms.smoothing) + spread;
        dLogits[first + i] = exp(logits[first + i] - largest) * (weight / powers) - q;
      }
    }`,
};

/** Losses (rows), and the gradient of their sum (rows, classes). */
export const softmaxCrossEntropy = trainingKernel<{ labelSmoothing: number }, ReturnType<typeof output>[]>(
  'StridelabSoftmaxCrossEntropy',
  ({ inputs, attrs, backend }) => {
    const { logits, labels } = inputs;
    const [rows, classes] = logits!.shape as [number, number];
    const losses = output(backend, [rows]);
    const dLogits = output(backend, [rows, classes]);
    dispatch(backend, program, {
      tensors: { logits: logits!, labels: labels!, losses, dLogits },
      uniforms: { rows, classes, smoothing: attrs.labelSmoothing },
      workgroups: [Math.ceil(rows / THREADS), 1, 1],
    });
    return [losses, dLogits];
  },
);
