// The weighted matrices of a side of a spectral map, which @stridelab/spectral-pooling names: TF.js joins, repeats and
// multiplies the weights before it multiplies the matrices.
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { dispatch, output } from '../../gpu/dispatch.ts';
import { gridOf } from '../../gpu/grid.ts';
import type { Program } from '../../gpu/program.ts';
import { checkInputs } from '../checks.ts';
import { trainingKernel } from '../kernel.ts';

const NAME = 'StridelabWeightedProduct';
const THREADS = 64;

type Given = 'both' | 'left' | 'right';

/** The matrices have some thousand numbers, and are read from the cache: a thread makes one number by itself. */
function programOf(given: Given): Program {
  const element = {
    both: /* wgsl */ `
      var sum = 0.0;
      for (var k = 0u; k < uniforms.n; k++) {
        sum += left[row * uniforms.n + k] * weightOf(k) * right[k * uniforms.columns + column];
      }
      out[i] = sum;`,
    left: 'out[i] = left[i] * weightOf(column);',
    right: 'out[i] = right[i] * weightOf(row);',
  };
  return {
    name: NAME,
    variant: given,
    bindings: {
      ...(given !== 'right' && { left: 'read' }),
      ...(given !== 'left' && { right: 'read' }),
      weights: 'read',
      out: 'read_write',
    },
    uniforms: { rows: 'u32', n: 'u32', columns: 'u32', bins: 'u32', repeat: 'u32' },
    code: () => /* wgsl */ `
    fn weightOf(k: u32) -> f32 { return weights[k / uniforms.repeat % uniforms.bins]; }

    @compute @workgroup_size(${THREADS})
    fn main(
      @builtin(workgroup_id) group: vec3u,
      @builtin(num_workgroups) groups: vec3u,
      @builtin(local_invocation_index) thread: u32,
    ) {
      let i = (group.x + group.y * groups.x) * ${THREADS}u + thread;
      if (i >= uniforms.rows * uniforms.columns) { return; }
      let row = i / uniforms.columns;
      let column = i % uniforms.columns;
      ${element[given]}
    }`,
  };
}

/** left (rows, n), weights (bins), right (n, columns) -> left * diag * right, number k of which is weights[k / repeat % bins]. */
export const weightedProduct = trainingKernel<{ repeat: number }>(NAME, ({ inputs, attrs: { repeat }, backend }) => {
  const { left, right, weights } = inputs as { left?: TensorInfo; right?: TensorInfo; weights: TensorInfo };
  const n = (left?.shape[1] ?? right?.shape[0])!;
  const [rows, columns] = [left?.shape[0] ?? n, right?.shape[1] ?? n];
  checkInputs(NAME, inputs, {
    ...(left && { left: [rows, n] }),
    ...(right && { right: [n, columns] }),
    weights: weights.shape,
  });
  const out = output(backend, [rows, columns]);
  dispatch(backend, programOf(left && right ? 'both' : left ? 'left' : 'right'), {
    tensors: { ...(left && { left }), ...(right && { right }), weights, out },
    uniforms: { rows, n, columns, bins: weights.shape[0]!, repeat },
    workgroups: gridOf(backend, Math.ceil((rows * columns) / THREADS)),
  });
  return out;
});
