// The gradients of batch normalization that are per channel, all four of them from one pass.
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine/engine.ts';
import { split } from '../engine/split.ts';
import { bytesOf, floatsAt, rowsOf, trainingKernel } from './kernel.ts';
import { sumPartials } from './partials.ts';

/** A kernel of this package alone. */
export const BatchNormSums = 'StridelabBatchNormSums';

/** x, dy (..., channels), mean, variance, scale (channels) -> gradients of mean, variance, scale and offset (channels). */
export const batchNormSums = trainingKernel<{ varianceEpsilon: number }, TensorInfo[]>(
  BatchNormSums,
  ({ inputs, attrs, backend, engine }) => {
    const { x, dy, mean, variance, scale } = inputs as Record<'x' | 'dy' | 'mean' | 'variance' | 'scale', TensorInfo>;
    const channels = mean.shape[0]!;
    const gradients = Array.from({ length: 4 }, () => backend.makeOutput([channels], 'float32'));
    engine.withScratch(bytesOf(2 * channels), (address) => {
      sumGradients(engine, { x, dy, mean }, address);
      const values = (at: number, count: number) => floatsAt(engine, at, count);
      const sums = values(address, 2 * channels);
      const [variances, scales] = [variance, scale].map((tensor) => values(engine.address(tensor), channels));
      const [dMean, dVariance, dScale, dOffset] = gradients.map((tensor) => values(engine.address(tensor), channels));
      for (let c = 0; c < channels; c++) {
        const [sum, centredSum] = [sums[c]!, sums[channels + c]!];
        const r = 1 / Math.sqrt(variances![c]! + attrs.varianceEpsilon);
        dMean![c] = -sum * scales![c]! * r;
        dVariance![c] = (-centredSum * scales![c]! * r ** 3) / 2;
        dScale![c] = centredSum * r;
        dOffset![c] = sum;
      }
    });
    return gradients;
  },
);

/**
 * Puts the sum over the rows of dy, and that of dy (x - mean), (channels) each, at `address`. With y, dy counts where y > 0.
 */
export function sumGradients(
  engine: Engine,
  { x, dy, y, mean }: Record<'x' | 'dy' | 'mean', TensorInfo> & { y?: TensorInfo },
  address: number,
): void {
  const [rows, channels] = [rowsOf(x), mean.shape[0]!];
  const parts = split(rows, engine.lanesFor(2 * rows * channels));
  sumPartials(engine, { address, size: 2 * channels }, parts.length, 0, (results) => {
    const calls = parts.map(({ index, start, count }) => {
      const from = (tensor: TensorInfo) => engine.address(tensor) + bytesOf(start * channels);
      return [from(x), from(dy), y ? from(y) : 0, engine.address(mean), results[index]!, count, channels];
    });
    engine.run('batchNormSums', calls);
  });
}
