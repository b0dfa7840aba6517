// Batches as tensors: pixels made by the processor, handed over to the current backend.
import { type Tensor2D, type Tensor4D, tensor2d, tensor4d } from '@tensorflow/tfjs-core';
import { aheadOfTime } from '../batching/ahead.ts';
import { type Batch, batches, softLabels } from '../batching/batches.ts';
import type { BatchOptions } from '../batching/options.ts';
import type { BatchPlan } from '../batching/plan.ts';
import type { Split } from '../data/split.ts';

/** A batch on the device. **Whoever is handed one disposes of it**: `batch.dispose()`, or both tensors. */
export interface TensorBatch {
  readonly index: number;
  readonly epoch: number;
  readonly size: number;
  /** (size, height, width, 3), float32. */
  readonly images: Tensor4D;
  /** Label distributions, (size, classes), float32: one-hot, or with mixup two classes by their weights. */
  readonly labels: Tensor2D;
  readonly plan: BatchPlan;
  dispose(): void;
}

export interface TensorBatches extends AsyncIterable<TensorBatch> {
  /** Batches in the epoch. */
  readonly length: number;
  readonly imageCount: number;
  /** Makes one batch; the caller disposes of it. */
  at(index: number): TensorBatch;
  /** The rest of the epoch from a batch on; the caller disposes of each. */
  from(index: number): AsyncIterable<TensorBatch>;
}

/** `batches` of the root entry, with the same options and the same values, as tensors that the caller disposes of. */
export function tensorBatches(split: Split, options: BatchOptions = {}): TensorBatches {
  const made = batches(split, options);
  const classes = split.classNames.length;
  const at = (index: number): TensorBatch => {
    const batch = made.at(index);
    const images = tensor4d(batch.images, [...batch.shape]);
    return withDispose(batch.plan, images, labelTensor(batch, classes));
  };
  const from = (start: number) =>
    aheadOfTime(at, start, made.length, options.prefetch ?? 1, (batch) => batch.dispose());
  return {
    length: made.length,
    imageCount: made.imageCount,
    at,
    from,
    [Symbol.asyncIterator]: () => from(0)[Symbol.asyncIterator](),
  };
}

export function labelTensor(batch: Pick<Batch, 'labels' | 'partnerLabels' | 'weights'>, classes: number): Tensor2D {
  return tensor2d(softLabels(batch, classes), [batch.labels.length, classes]);
}

export function withDispose(plan: BatchPlan, images: Tensor4D, labels: Tensor2D): TensorBatch {
  const { index, epoch, size } = plan;
  const dispose = () => {
    images.dispose();
    labels.dispose();
  };
  return { index, epoch, size, images, labels, plan, dispose };
}
