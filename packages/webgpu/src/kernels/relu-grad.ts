// The gradient of tf.relu in one pass; TF.js's own takes two.
import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { dispatch, output } from '../gpu/dispatch.ts';
import { gridOf } from '../gpu/grid.ts';
import type { Program } from '../gpu/program.ts';
import { trainingKernel } from './kernel.ts';

export const RELU_GRAD = 'StridelabReluGrad';

const THREADS = 256;

/** dx = 0 where x <= 0, else dy: so for x that is no number. All are of one shape. */
export const reluGrad = trainingKernel(RELU_GRAD, ({ inputs, backend }) => {
  const { dy, x } = inputs as Record<'dy' | 'x', TensorInfo>;
  const dx = output(backend, x.shape);
  const numbers = util.sizeFromShape(x.shape);
  const width = numbers % 4 === 0 ? 4 : 1;
  const size = numbers / width;
  const workgroups = gridOf(backend, Math.ceil(size / THREADS));
  dispatch(backend, programOf(width), { tensors: { dy, x, dx }, uniforms: { size }, workgroups });
  return dx;
});

function programOf(width: 1 | 4): Program {
  const element = width === 4 ? 'vec4f' : 'f32';
  const read = { access: 'read', element } as const;
  return {
    name: RELU_GRAD,
    variant: `${width}`,
    bindings: { dy: read, x: read, dx: { access: 'read_write', element } },
    uniforms: { size: 'u32' },
    code: () => /* wgsl */ `
    @compute @workgroup_size(${THREADS})
    fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
      let i = id.x + id.y * workgroups.x * ${THREADS};
      if (i < uniforms.size) { dx[i] = select(dy[i], ${element}(), x[i] <= ${element}()); }
    }`,
  };
}
