// TF.js's cast from integers changes the type that is written on a tensor, and leaves its memory as it is: each shader
// converts what it reads. Ours read float32 alone.
import type { NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';
import { util } from '@tensorflow/tfjs-core';
import type { Backend } from './backend.ts';
import { dispatch, output } from './dispatch.ts';
import { gridOf } from './grid.ts';
import type { Program } from './program.ts';

const THREADS = 256;

const program: Program = {
  name: 'StridelabAsFloat',
  bindings: { integers: { access: 'read', element: 'i32' }, floats: 'read_write' },
  uniforms: { size: 'u32' },
  code: () => /* wgsl */ `
    @compute @workgroup_size(${THREADS})
    fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
      let i = id.x + id.y * groups.x * ${THREADS};
      if (i < uniforms.size) { floats[i] = f32(integers[i]); }
    }`,
};

/** Runs `work` with inputs whose memory holds what their type says. */
export function withFloats<T>(
  backend: Backend,
  inputs: NamedTensorInfoMap,
  work: (inputs: NamedTensorInfoMap) => T,
): T {
  const made: TensorInfo[] = [];
  const floats: NamedTensorInfoMap = {};
  for (const [name, input] of Object.entries(inputs)) {
    const holds = input && backend.tensorMap.get(input.dataId).dtype;
    const differs = input?.dtype === 'float32' && (holds === 'int32' || holds === 'bool');
    floats[name] = differs ? asFloat(backend, input) : input;
    if (differs) made.push(floats[name]!);
  }
  try {
    return work(floats);
  } finally {
    for (const { dataId } of made) backend.disposeData(dataId);
  }
}

function asFloat(backend: Backend, integers: TensorInfo): TensorInfo {
  const size = util.sizeFromShape(integers.shape);
  const floats = output(backend, integers.shape);
  const workgroups = gridOf(backend, Math.ceil(size / THREADS));
  dispatch(backend, program, { tensors: { integers, floats }, uniforms: { size }, workgroups });
  return floats;
}
