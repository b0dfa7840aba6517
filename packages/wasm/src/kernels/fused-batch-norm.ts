// tf.batchNorm over the last axis; other forms are left to TF.js.
import { FusedBatchNorm, type TensorInfo } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine/engine.ts';
import { split } from '../engine/split.ts';
import { bytesOf, rowsOf, trainingKernel } from './kernel.ts';

/** y = (x - mean) * scale / sqrt(variance + epsilon) + offset; x and y (..., channels), the others (channels). */
export const fusedBatchNorm = trainingKernel<{ varianceEpsilon: number }>(FusedBatchNorm, (call) => {
  const { inputs, attrs, backend, engine } = call;
  const { x, ...perChannel } = inputs as Record<string, TensorInfo | undefined> & { x: TensorInfo };
  const channels = x.shape.at(-1) ?? 0;
  const present = Object.values(perChannel).filter((input) => input != null);
  const fits = present.every(({ shape, dtype }) => dtype === 'float32' && shape.length === 1 && shape[0] === channels);
  if (!fits || x.dtype !== 'float32') return call.original();
  const y = backend.makeOutput(x.shape, 'float32');
  normalize(engine, { x, y, ...perChannel }, attrs.varianceEpsilon, Number.NEGATIVE_INFINITY);
  return y;
});

/** Writes y = (x - mean) * scale / sqrt(variance + epsilon) + offset, and `least` where it is below that. */
export function normalize(
  engine: Engine,
  { x, y, mean, variance, scale, offset }: Record<string, TensorInfo | undefined> & Record<'x' | 'y', TensorInfo>,
  epsilon: number,
  least: number,
): void {
  const [rows, channels] = [rowsOf(x), x.shape.at(-1)!];
  const parts = split(rows, engine.lanesFor(rows * channels));
  const address = (input: TensorInfo | undefined) => (input ? engine.address(input) : 0);
  engine.withScratch(parts.length * bytesOf(2 * channels), (scratch) => {
    const calls = parts.map(({ index, start, count }) => [
      engine.address(x) + bytesOf(start * channels),
      engine.address(y) + bytesOf(start * channels),
      ...[mean, variance, scale, offset].map(address),
      scratch + index * bytesOf(2 * channels),
      ...[count, channels, epsilon, least],
    ]);
    engine.run('batchNorm', calls);
  });
}
