// tf.unsortedSegmentSum, the gradient of tf.gather and of embeddings, which TF.js's wasm backend lacks.
import { type TensorInfo, UnsortedSegmentSum, util } from '@tensorflow/tfjs-core';
import { WasmError } from '../errors.ts';
import { fillZeros, trainingKernel } from './kernel.ts';

/** x (rows, ...), segmentIds (rows) -> (numSegments, ...): row r is added to segment segmentIds[r]. */
export const unsortedSegmentSum = trainingKernel<{ numSegments: number }>(
  UnsortedSegmentSum,
  ({ inputs, attrs, backend, engine }) => {
    const { x, segmentIds } = inputs as { x: TensorInfo; segmentIds: TensorInfo };
    if (x.dtype !== 'float32' && x.dtype !== 'int32') {
      throw new WasmError('unsortedSegmentSum', 'x must be float32 or int32', x.dtype);
    }
    if (segmentIds.shape.length !== 1 || segmentIds.shape[0] !== x.shape[0]) {
      throw new WasmError('unsortedSegmentSum', `segmentIds must be of shape [${x.shape[0]}]`, segmentIds.shape);
    }
    const [rows = 0, ...rest] = x.shape;
    const columns = util.sizeFromShape(rest);
    const sums = backend.makeOutput([attrs.numSegments, ...rest], x.dtype);
    fillZeros(backend, sums);
    const parameters = [engine.address(x), engine.address(segmentIds), engine.address(sums)];
    const integers = x.dtype === 'int32' ? 1 : 0;
    engine.run('sumSegments', [[integers, ...parameters, rows, columns, attrs.numSegments]]);
    return sums;
  },
);
