// tf.matMul of stacks and of transposed matrices, which TF.js takes by a scalar loop, at a twentieth of the speed.
import { BatchMatMul, broadcast_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine/engine.ts';
import { split } from '../engine/split.ts';
import { bytesOf, trainingKernel } from './kernel.ts';
import { argumentsForStack } from './transpose.ts';

interface Attrs {
  transposeA: boolean;
  transposeB: boolean;
}

/** a (..., rows, inner), b (..., inner, columns) -> (..., rows, columns), each transposed first if the attributes say so. */
export const batchMatMul = trainingKernel<Attrs>(BatchMatMul, (call) => {
  const { inputs, attrs, backend, engine } = call;
  const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
  const left = matrices(a, attrs.transposeA);
  const right = matrices(b, attrs.transposeB);
  const [inner, rows, columns] = [left.columns, left.rows, right.columns];
  const batch = Math.max(left.count, right.count);
  const alike = [left, right].every(({ count }) => count === batch || count === 1);
  const isFast = batch === 1 && inner > 0 && !attrs.transposeA && !attrs.transposeB;
  const isFloat = a.dtype === 'float32' && b.dtype === 'float32';
  if (isFast || !alike || !isFloat || inner !== right.rows) return call.original();
  const outer = broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  // TF.js repeats the whole of a stack or nothing of it.
  if (util.sizeFromShape(outer) !== batch) return call.original();
  const out = backend.makeOutput([...outer, rows, columns], 'float32');
  const bytes = { a: bytesOf(rows * inner), b: bytesOf(inner * columns), panel: bytesOf(8 * inner) };
  const copies = { a: attrs.transposeA ? left.count * bytes.a : 0, b: attrs.transposeB ? right.count * bytes.b : 0 };
  const lanes = engine.lanesFor(batch * rows * columns * inner);
  engine.withScratch(copies.a + copies.b + lanes * bytes.panel, (scratch) => {
    const aAt = attrs.transposeA ? transposed(engine, a, left, scratch) : engine.address(a);
    const bAt = attrs.transposeB ? transposed(engine, b, right, scratch + copies.a) : engine.address(b);
    const panels = scratch + copies.a + copies.b;
    const calls: number[][] = [];
    for (let matrix = 0; matrix < batch; matrix++) {
      // Few matrices are cut into strips of rows, so that every lane has work.
      for (const { start, count } of split(rows, Math.ceil(lanes / batch))) {
        calls.push([
          aAt + (left.count === 1 ? 0 : matrix * bytes.a) + bytesOf(start * inner),
          bAt + (right.count === 1 ? 0 : matrix * bytes.b),
          engine.address(out) + bytesOf((matrix * rows + start) * columns),
          panels + (calls.length % lanes) * bytes.panel,
          ...[count, columns, inner],
        ]);
      }
    }
    engine.run('matMul', calls, lanes);
  });
  return out;
});

interface Matrices {
  count: number;
  /** Rows and columns as they are multiplied. */
  rows: number;
  columns: number;
}

function matrices({ shape }: TensorInfo, isTransposed: boolean): Matrices {
  const [rows, columns] = shape.slice(-2) as [number, number];
  const count = util.sizeFromShape(shape.slice(0, -2));
  return isTransposed ? { count, rows: columns, columns: rows } : { count, rows, columns };
}

/** Transposes a stack of matrices into `target`, and returns that. */
function transposed(engine: Engine, tensor: TensorInfo, { count, rows, columns }: Matrices, target: number): number {
  engine.run('transpose', [argumentsForStack(engine.address(tensor), target, count, columns, rows)]);
  return target;
}
