// tf.sum and tf.mean over axes beside each other: TF.js's own transpose the whole array where they are not the last, and add
// up all of an array in one workgroup where they are.
import { Mean, Sum, type TensorInfo } from '@tensorflow/tfjs-core';
import { zeros } from '../../gemm/sum-parts.ts';
import type { Backend } from '../../gpu/backend.ts';
import { dispatch, output } from '../../gpu/dispatch.ts';
import type { Program } from '../../gpu/program.ts';
import { type KernelCall, trainingKernel } from '../kernel.ts';
import {
  addRows,
  COLUMN_TUNING,
  type Columns,
  chunksToSum,
  columnsOf,
  columnsVariant,
  elementOf,
  forRows,
  MAIN,
  PLACE_UNIFORMS,
  placeCode,
  placeGrid,
  placeUniforms,
  THREADS,
} from './columns.ts';
import { slabsOf } from './slabs.ts';

interface Attrs {
  axis?: number | number[] | null;
  keepDims: boolean;
}

/** Numbers in a row from which on TF.js's one workgroup for each sum is slow. */
const LONG = 4096;
/** Sums from which on there are workgroups enough, one for each. */
const MANY = 256;

/** out[o, c] = sum over r of x[o, r, c], r running over the summed axes. */
export const sum = trainingKernel<Attrs>(Sum, (call) => reduce(call, () => 1));

/** out[o, c] = mean over r of x[o, r, c], r running over the averaged axes. */
export const mean = trainingKernel<Attrs>(Mean, (call) => reduce(call, (rows) => 1 / rows));

function reduce(call: KernelCall<Attrs>, scaleOf: (rows: number) => number): TensorInfo {
  const { inputs, attrs, backend } = call;
  const { x } = inputs as { x: TensorInfo };
  const slabs = slabsOf(x.shape, attrs.axis);
  if (!slabs || x.dtype !== 'float32') return call.original();
  const { outer, rows, columns, axes } = slabs;
  const [first, last] = [axes[0]!, axes.at(-1)!];
  const kept = attrs.keepDims ? axes.map(() => 1) : [];
  const shape = [...x.shape.slice(0, first), ...kept, ...x.shape.slice(last + 1)];
  // There is no binding an empty tensor, which TF.js tries.
  if (outer * rows * columns === 0) return zeros(backend, shape);
  const isSlow = columns > 1 || (rows >= LONG && outer < MANY);
  if (!isSlow) return call.original();
  const out = output(backend, shape);
  sumRows(backend, x, columnsOf(outer, rows, columns), scaleOf(rows), out);
  return out;
}

/** sums (outer, columns) of x (outer, rows, columns), times `scale`. */
function sumRows(backend: Backend, x: TensorInfo, columns: Columns, scale: number, sums: TensorInfo): void {
  const chunked = chunksToSum(columns, COLUMN_TUNING.leastRowsAlone);
  const { chunks } = chunked;
  const only = chunks === 1;
  const partial = only ? sums : output(backend, [columns.outer, chunks, columns.columns]);
  dispatch(backend, sumProgram(columns), {
    tensors: { x, sums: partial },
    uniforms: { ...placeUniforms(columns, chunked), scale: only ? scale : 1 },
    workgroups: placeGrid(backend, columns, chunked),
  });
  if (only) return;
  sumAtOnce(backend, partial, columnsOf(columns.outer, chunks, columns.columns), scale, sums);
  backend.disposeData(partial.dataId);
}

/** The same by one workgroup for each tile of columns. */
function sumAtOnce(backend: Backend, x: TensorInfo, columns: Columns, scale: number, sums: TensorInfo): void {
  const whole = { chunk: columns.rows, chunks: 1 };
  dispatch(backend, sumProgram(columns), {
    tensors: { x, sums },
    uniforms: { ...placeUniforms(columns, whole), scale },
    workgroups: placeGrid(backend, columns, whole),
  });
}

function sumProgram(columns: Columns): Program {
  const element = elementOf(columns);
  return {
    name: 'StridelabSumRows',
    variant: columnsVariant(columns),
    bindings: { x: { access: 'read', element }, sums: { access: 'read_write', element } },
    uniforms: { ...PLACE_UNIFORMS, scale: 'f32' },
    code: () => /* wgsl */ `
    ${placeCode(columns)}
    var<workgroup> totals: array<Value, ${THREADS}>;
    ${MAIN}
      var total = Value();
      ${forRows(
        (i) => `let x${i} = x[at${i}];`,
        (i) => `total += x${i};`,
      )}
      totals[thread] = total;
      ${addRows(['totals'])}
      if (place.inside && place.rowLane == 0u) {
        sums[(place.outer * uniforms.chunks + place.chunk) * uniforms.groups + place.group] = totals[thread] * uniforms.scale;
      }
    }`,
  };
}
