// What an update overwrites: the memory of a variable, or a copy of it where somebody else looks at the same memory.
import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Backend } from '../../gpu/backend.ts';
import { dispatch, inPlace, output } from '../../gpu/dispatch.ts';
import { gridOf } from '../../gpu/grid.ts';
import type { Program } from '../../gpu/program.ts';

const THREADS = 256;

const copyProgram: Program = {
  name: 'StridelabCopy',
  bindings: { values: 'read', copied: 'read_write' },
  uniforms: { size: 'u32' },
  code: () => /* wgsl */ `
    @compute @workgroup_size(${THREADS})
    fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
      let i = id.x + id.y * groups.x * ${THREADS};
      if (i < uniforms.size) { copied[i] = values[i]; }
    }`,
};

/**
 * The outputs of a kernel that changes `targets` and reads `others`. A buffer that a shader writes may be bound to it once,
 * and a tensor of the caller's that shares the memory of a variable keeps its values.
 */
export function ownedOutputs(
  backend: Backend,
  targets: readonly TensorInfo[],
  others: readonly TensorInfo[],
): TensorInfo[] {
  const uses = new Map<object, number>();
  for (const { dataId } of [...targets, ...others]) uses.set(dataId, (uses.get(dataId) ?? 0) + 1);
  const alone = targets.map(({ dataId }) => uses.get(dataId) === 1 && backend.tensorMap.get(dataId).refCount === 1);
  return targets.map((target, i) => (alone[i] ? inPlace(backend, target) : copy(backend, target)));
}

function copy(backend: Backend, values: TensorInfo): TensorInfo {
  const copied = output(backend, values.shape);
  const size = util.sizeFromShape(values.shape);
  const workgroups = gridOf(backend, Math.ceil(size / THREADS));
  dispatch(backend, copyProgram, { tensors: { values, copied }, uniforms: { size }, workgroups });
  return copied;
}
