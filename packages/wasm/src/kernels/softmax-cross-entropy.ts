// Cross-entropy of softmax and its gradient in one pass over every row.
import { KERNELS } from '@stridelab/train-ops';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { split } from '../engine/split.ts';
import { bytesOf, trainingKernel } from './kernel.ts';

/** An exponential and all else that a number costs, in multiplications. */
const COST = 32;

/** logits, labels (rows, classes) -> losses (rows), gradient of their sum (rows, classes). */
export const softmaxCrossEntropy = trainingKernel<{ labelSmoothing: number }, TensorInfo[]>(
  KERNELS.softmaxCrossEntropy,
  ({ inputs, attrs, backend, engine }) => {
    const { logits, labels } = inputs as Record<'logits' | 'labels', TensorInfo>;
    const [rows, classes] = logits.shape as [number, number];
    const losses = backend.makeOutput([rows], 'float32');
    const dLogits = backend.makeOutput([rows, classes], 'float32');
    const { labelSmoothing } = attrs;
    const calls = split(rows, engine.lanesFor(COST * rows * classes)).map(({ start, count }) => {
      const at = bytesOf(start * classes);
      const from = [engine.address(logits) + at, engine.address(labels) + at];
      const to = [engine.address(losses) + bytesOf(start), engine.address(dLogits) + at];
      return [...from, ...to, count, classes, 1 - labelSmoothing, labelSmoothing / classes];
    });
    engine.run('softmaxCrossEntropy', calls);
    return [losses, dLogits];
  },
);
