// Adds the parts that the inner axis was cut into, always in the same order.
import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Backend } from '../gpu/backend.ts';
import { dispatch, output } from '../gpu/dispatch.ts';
import { gridOf } from '../gpu/grid.ts';
import type { Program } from '../gpu/program.ts';
import { type Epilogue, epilogueCode } from './output.ts';

const THREADS = 256;

function programOf(epilogue: Epilogue | undefined, wide: boolean): Program {
  const element = wide ? 'vec4f' : 'f32';
  return {
    name: 'StridelabSumParts',
    variant: [wide && 'wide', epilogue && `${epilogue.activation} ${!!epilogue.bias}`].filter(Boolean).join('; '),
    bindings: {
      each: { access: 'read', element },
      c: { access: 'read_write', element },
      ...(epilogue?.bias && { bias: 'read' as const }),
    },
    // Counted in elements of the buffers.
    uniforms: {
      matrices: 'u32',
      size: 'u32',
      parts: 'u32',
      columns: 'u32',
      ...(epilogue && { alpha: 'f32' as const }),
    },
    code: () => /* wgsl */ `
    ${epilogueCode(epilogue)}
    @compute @workgroup_size(${THREADS})
    fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
      let i = id.x + id.y * groups.x * ${THREADS}u;
      if (i >= uniforms.matrices * uniforms.size) { return; }
      let matrix = i / uniforms.size;
      let first = i + matrix * (uniforms.parts - 1u) * uniforms.size;
      var sum = each[first];
      for (var part = 1u; part < uniforms.parts; part++) { sum += each[first + part * uniforms.size]; }
      c[i] = ${wide ? 'finished(sum, (i * 4u) % uniforms.columns)' : 'finished(vec4f(sum), i % uniforms.columns).x'};
    }`,
  };
}

/** parts (matrices, parts, rows, columns) -> (matrices, rows, columns), as `shape`. */
export function sumParts(
  backend: Backend,
  each: TensorInfo,
  shape: readonly number[],
  epilogue: Epilogue | undefined,
): TensorInfo {
  const [matrices, parts, rows, columns] = each.shape as [number, number, number, number];
  const wide = columns % 4 === 0;
  const size = (rows * columns) / (wide ? 4 : 1);
  const c = output(backend, shape);
  dispatch(backend, programOf(epilogue, wide), {
    tensors: { each, c, ...(epilogue?.bias && { bias: epilogue.bias }) },
    uniforms: { matrices, size, parts, columns, alpha: epilogue?.alpha ?? 0 },
    workgroups: gridOf(backend, Math.ceil((matrices * size) / THREADS)),
  });
  return c;
}

/** Zeros, which every sum of nothing is. */
export function zeros(backend: Backend, shape: readonly number[]): TensorInfo {
  const info = backend.makeTensorInfo(shape, 'float32');
  backend.tensorMap.get(info.dataId).values = new Float32Array(util.sizeFromShape(info.shape));
  return info;
}
