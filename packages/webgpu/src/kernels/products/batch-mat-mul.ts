import { _FusedMatMul, BatchMatMul, broadcast_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { linear } from '../../gemm/operand.ts';
import { denseOutput } from '../../gemm/output.ts';
import { type KernelCall, trainingKernel } from '../kernel.ts';
import { epilogueOf, type FusedAttrs, multiplyAndFinish } from './epilogue.ts';

interface Attrs extends FusedAttrs {
  transposeA: boolean;
  transposeB: boolean;
}

function run(name: string, call: KernelCall<Attrs>): TensorInfo {
  const { inputs, attrs, backend, abilities } = call;
  const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
  const [left, right] = [matrices(a, attrs.transposeA), matrices(b, attrs.transposeB)];
  const [rows, inner, columns] = [left.rows, left.columns, right.columns];
  const batch = Math.max(left.count, right.count);
  const outer = broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  // TF.js repeats the whole of a stack or nothing of it.
  const alike = [left, right].every(({ count }) => count === batch || count === 1);
  const applies = alike && util.sizeFromShape(outer) === batch && inner === right.rows;
  const floats = a.dtype === 'float32' && b.dtype === 'float32';
  const epilogue = epilogueOf(inputs, attrs, columns);
  if (!applies || !floats || epilogue === null) return call.original();
  // Rows that all meet the same matrix are rows of one.
  const fold = right.count === 1 && !attrs.transposeA;
  return multiplyAndFinish(backend, abilities, {
    name,
    batch: fold ? 1 : batch,
    rows: fold ? left.count * rows : rows,
    columns,
    inner,
    a: linear('A', {
      tensor: a,
      contiguous: attrs.transposeA ? 'outer' : 'inner',
      length: a.shape.at(-1)!,
      batchStride: left.count === 1 ? 0 : rows * inner,
    }),
    b: linear('B', {
      tensor: b,
      contiguous: attrs.transposeB ? 'inner' : 'outer',
      length: b.shape.at(-1)!,
      batchStride: right.count === 1 ? 0 : inner * columns,
    }),
    output: denseOutput([...outer, rows, columns]),
    epilogue,
  });
}

/** Rows and columns as they are multiplied. */
function matrices({ shape }: TensorInfo, isTransposed: boolean) {
  const [rows, columns] = shape.slice(-2) as [number, number];
  const count = util.sizeFromShape(shape.slice(0, -2));
  return isTransposed ? { count, rows: columns, columns: rows } : { count, rows, columns };
}

/** a (..., rows, inner), b (..., inner, columns) -> (..., rows, columns), each transposed first if the attributes say so. */
export const batchMatMul = trainingKernel<Attrs>(BatchMatMul, (call) => run(BatchMatMul, call));

/** The same with a bias for each column and an activation. */
export const fusedMatMul = trainingKernel<Attrs>(_FusedMatMul, (call) => run(_FusedMatMul, call));
