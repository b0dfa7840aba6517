// Adds the parts that the inner axis was cut into, always in the same order.
import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Backend } from '../gpu/backend.ts';
import { dispatch, output } from '../gpu/dispatch.ts';
import { gridOf } from '../gpu/grid.ts';
import type { Program } from '../gpu/program.ts';
import { type Epilogue, epilogueCode } from './output.ts';

/** Neighbours of the result that a workgroup makes, and how many threads share the parts of each. */
const NEIGHBOURS = 32;
const SHARES = 8;

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
    var<workgroup> sums: array<${element}, ${NEIGHBOURS * SHARES}>;
    @compute @workgroup_size(${NEIGHBOURS * SHARES})
    fn main(
      @builtin(workgroup_id) group: vec3u,
      @builtin(num_workgroups) groups: vec3u,
      @builtin(local_invocation_index) thread: u32,
    ) {
      let share = thread / ${NEIGHBOURS}u;
      let i = (group.x + group.y * groups.x) * ${NEIGHBOURS}u + thread % ${NEIGHBOURS}u;
      let within = i < uniforms.matrices * uniforms.size;
      let size = uniforms.size;
      var sum = ${element}();
      if (within) {
        let portion = (uniforms.parts + ${SHARES - 1}u) / ${SHARES}u;
        var part = share * portion;
        let end = min(uniforms.parts, part + portion);
        let first = i + i / size * (uniforms.parts - 1u) * size;
        // Four reads under way at a time.
        for (; part + 3u < end; part += 4u) {
          let at = first + part * size;
          let p = each[at];
          let q = each[at + size];
          let r = each[at + 2u * size];
          sum = sum + p + q + r + each[at + 3u * size];
        }
        for (; part < end; part++) { sum += each[first + part * size]; }
      }
      sums[thread] = sum;
      workgroupBarrier();
      if (share != 0u || !within) { return; }
      for (var other = 1u; other < ${SHARES}u; other++) { sum += sums[thread + other * ${NEIGHBOURS}u]; }
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
    workgroups: gridOf(backend, Math.ceil((matrices * size) / NEIGHBOURS)),
  });
  return c;
}

/** Zeros, which every sum of nothing is. */
export function zeros(backend: Backend, shape: readonly number[]): TensorInfo {
  const info = backend.makeTensorInfo(shape, 'float32');
  backend.tensorMap.get(info.dataId).values = new Float32Array(util.sizeFromShape(info.shape));
  return info;
}
