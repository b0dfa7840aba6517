// The weighted matrices of a side of a spectral map, which @stridelab/spectral-pooling names: TF.js joins, repeats and
// multiplies the weights before it multiplies the matrices.
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { LEAVE_PARTS, LEAVING_CODE, LEFT_PARTS, LEFT_UNIFORMS, largerOf } from '../../gemm/left-scale.ts';
import { leaveScale } from '../../gemm/scale.ts';
import { PARTIALS } from '../../gemm/scale-code.ts';
import { dispatch, output } from '../../gpu/dispatch.ts';
import { gridOf } from '../../gpu/grid.ts';
import type { Program } from '../../gpu/program.ts';
import { checkInputs } from '../checks.ts';
import { trainingKernel } from '../kernel.ts';

const NAME = 'StridelabWeightedProduct';
const THREADS = 64;

type Given = 'both' | 'left' | 'right';

/** The matrices have some thousand numbers, and are read from the cache: a thread makes one number by itself. */
function programOf(given: Given, leaves: boolean): Program {
  const element = {
    both: /* wgsl */ `
      var sum = 0.0;
      for (var k = 0u; k < uniforms.n; k++) {
        sum += left[row * uniforms.n + k] * weightOf(k) * right[k * uniforms.columns + column];
      }
      value = sum;`,
    left: 'value = left[i] * weightOf(column);',
    right: 'value = right[i] * weightOf(row);',
  };
  return {
    name: NAME,
    variant: `${given}${leaves ? ' leaves' : ''}`,
    bindings: {
      ...(given !== 'right' && { left: 'read' }),
      ...(given !== 'left' && { right: 'read' }),
      weights: 'read',
      out: 'read_write',
      ...(leaves && LEFT_PARTS),
    },
    uniforms: { rows: 'u32', n: 'u32', columns: 'u32', bins: 'u32', repeat: 'u32', ...(leaves && LEFT_UNIFORMS) },
    code: () => /* wgsl */ `
    ${leaves ? LEAVING_CODE : ''}
    fn weightOf(k: u32) -> f32 { return weights[k / uniforms.repeat % uniforms.bins]; }

    @compute @workgroup_size(${THREADS})
    fn main(
      @builtin(workgroup_id) workgroup: vec3u,
      @builtin(num_workgroups) workgroups: vec3u,
      @builtin(local_invocation_index) thread: u32,
    ) {
      let i = (workgroup.x + workgroup.y * workgroups.x) * ${THREADS}u + thread;
      var value = 0.0;
      if (i < uniforms.rows * uniforms.columns) {
        let row = i / uniforms.columns;
        let column = i % uniforms.columns;
        ${element[given]}
        out[i] = value;
      }
      ${leaves ? `let largest = ${largerOf(1, '0u', 'value')};${LEAVE_PARTS}` : ''}
    }`,
  };
}

/** left (rows, n), weights (bins), right (n, columns) -> left * diag * right, number k of which is weights[k / repeat % bins]. */
export const weightedProduct = trainingKernel<{ repeat: number }>(NAME, (call) => {
  const { inputs, attrs, backend, abilities } = call;
  const { left, right, weights } = inputs as { left?: TensorInfo; right?: TensorInfo; weights: TensorInfo };
  const n = (left?.shape[1] ?? right?.shape[0])!;
  const [rows, columns] = [left?.shape[0] ?? n, right?.shape[1] ?? n];
  checkInputs(NAME, inputs, {
    ...(left && { left: [rows, n] }),
    ...(right && { right: [n, columns] }),
    weights: weights.shape,
  });
  const out = output(backend, [rows, columns]);
  const workgroups = gridOf(backend, Math.ceil((rows * columns) / THREADS));
  const parts = 4 * Math.ceil((workgroups[0] * workgroups[1]) / 4);
  const leaving = parts > 0 && parts <= PARTIALS ? leaveScale(backend, abilities, out, parts) : undefined;
  dispatch(backend, programOf(left && right ? 'both' : left ? 'left' : 'right', !!leaving), {
    tensors: { ...(left && { left }), ...(right && { right }), weights, out, ...leaving?.tensors },
    uniforms: { rows, n, columns, bins: weights.shape[0]!, repeat: attrs.repeat, ...leaving?.uniforms },
    workgroups,
  });
  return out;
});
