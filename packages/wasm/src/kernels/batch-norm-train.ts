// Batch normalization in training, with its ReLU and its moving statistics: what @stridelab/train-ops runs where it can.
import { KERNELS } from '@stridelab/train-ops';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine/engine.ts';
import { split } from '../engine/split.ts';
import { normalize } from './fused-batch-norm.ts';
import { bytesOf, floatsAt, rowsOf, trainingKernel } from './kernel.ts';

interface Attrs {
  epsilon: number;
  relu: boolean;
  /** Where statistics are moved. */
  momentum?: number;
}

/** x (..., channels), gamma, beta (channels), maybe movingMean, movingVariance -> y, mean, variance, maybe the next moving. */
export const batchNormTrain = trainingKernel<Attrs, TensorInfo[]>(
  KERNELS.batchNormTrain,
  ({ inputs, attrs, backend, engine }) => {
    const { x, gamma, beta, ...moving } = inputs as Record<'x' | 'gamma' | 'beta', TensorInfo>;
    const { movingMean, movingVariance } = moving as { movingMean?: TensorInfo; movingVariance?: TensorInfo };
    const before = movingMean && movingVariance ? [movingMean, movingVariance] : [];
    const channels = gamma.shape[0]!;
    const y = backend.makeOutput(x.shape, 'float32');
    const [mean, variance, ...next] = Array.from({ length: 2 + before.length }, () =>
      backend.makeOutput([channels], 'float32'),
    ) as [TensorInfo, TensorInfo, ...TensorInfo[]];
    measure(engine, x, mean, variance);
    for (const [i, from] of before.entries()) {
      const [old, latest, moved] = [from, [mean, variance][i]!, next[i]!].map((tensor) =>
        floatsAt(engine, engine.address(tensor), channels),
      ) as [Float32Array, Float32Array, Float32Array];
      for (let c = 0; c < channels; c++) moved[c] = old[c]! + (latest[c]! - old[c]!) * (1 - attrs.momentum!);
    }
    const least = attrs.relu ? 0 : Number.NEGATIVE_INFINITY;
    normalize(engine, { x, y, mean, variance, scale: gamma, offset: beta }, attrs.epsilon, least);
    return [y, mean, variance, ...next];
  },
);

/** Writes the mean and the biased variance of every channel, of the parts of the rows that are measured side by side. */
function measure(engine: Engine, x: TensorInfo, mean: TensorInfo, variance: TensorInfo): void {
  const [rows, channels] = [rowsOf(x), mean.shape[0]!];
  const parts = split(rows, engine.lanesFor(4 * rows * channels));
  const size = 3 * channels; // mean, squares and scratch
  engine.withScratch(parts.length * bytesOf(size), (scratch) => {
    const calls = parts.map(({ index, start, count }) => [
      ...[engine.address(x) + bytesOf(start * channels), scratch + index * bytesOf(size), count, channels],
    ]);
    engine.run('batchNormStats', calls);
    const stats = floatsAt(engine, scratch, parts.length * size);
    const [means, variances] = [mean, variance].map((tensor) => floatsAt(engine, engine.address(tensor), channels));
    for (let c = 0; c < channels; c++) {
      let [average, squares] = [0, 0];
      for (const { index, start, count } of parts) {
        const apart = stats[index * size + c]! - average;
        average += (apart * count) / (start + count);
        squares += stats[index * size + channels + c]! + (apart * apart * start * count) / (start + count);
      }
      means![c] = average;
      variances![c] = squares / rows;
    }
  });
}
