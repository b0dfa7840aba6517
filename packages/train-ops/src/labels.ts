import { Tensor, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { TrainOpsError } from './errors.ts';

/** Class numbers as a list or an int32 tensor (rows), or weights of every class (rows, classes). */
export type Labels = Tensor1D | Tensor2D | readonly number[] | Uint8Array | Uint16Array | Int32Array;

export function checkLabels(operation: string, labels: Labels, rows: number, classes: number): void {
  if (labels instanceof Tensor) {
    if (labels.isDisposed) throw new TrainOpsError(operation, 'labels must not be disposed', labels.shape);
    const numbers = labels.shape.join() === `${rows}` && labels.dtype === 'int32';
    const weights = labels.shape.join() === `${rows},${classes}` && labels.dtype === 'float32';
    if (numbers || weights) return;
    const rule = `labels must be int32 of shape [${rows}] or float32 of shape [${rows}, ${classes}]`;
    throw new TrainOpsError(operation, rule, `${labels.dtype} of shape [${labels.shape.join(', ')}]`);
  }
  if (!Array.isArray(labels) && !ArrayBuffer.isView(labels)) {
    throw new TrainOpsError(operation, 'labels must be a tensor or a list of class numbers', labels);
  }
  const list = labels as ArrayLike<number>;
  if (list.length !== rows) throw new TrainOpsError(operation, `labels must be ${rows} class numbers`, list.length);
  for (let i = 0; i < rows; i++) {
    const label = list[i]!;
    if (!Number.isInteger(label) || label < 0 || label >= classes) {
      throw new TrainOpsError(operation, `labels must be integers in [0, ${classes})`, `${label} at ${i}`);
    }
  }
}
