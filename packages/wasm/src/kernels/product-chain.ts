// Chains of products of small matrices with an axis of images, which @stridelab/spectral-pooling names: TF.js would make
// every product of the whole batch before the next.
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { split } from '../engine/split.ts';
import { type Chain, planOf, withSteps } from './chain-steps.ts';
import { bytesOf, trainingKernel } from './kernel.ts';
import { sumPartials } from './partials.ts';

/** x (batch, ...) and matrix0, matrix1, ... (rows, n) -> `shape`; step i is over the middle axis of (outer, n, inner[i], channels). */
export const productChain = trainingKernel<{ inner: number[]; channels: number; shape: number[] }>(
  'StridelabProductChain',
  ({ inputs, attrs: { inner, channels, shape }, backend, engine }) => {
    const x = inputs.x!;
    const chain: Chain = { x, channels, matrices: matricesOf(inputs, 'matrix', inner), inner };
    const out = backend.makeOutput(shape, 'float32');
    withSteps(engine, [chain], ([steps]) => {
      const plan = planOf(engine, [steps!], x, channels, 3);
      engine.withScratch(plan.lanes * plan.scratchBytes, (scratch) => {
        const [before, after] = [steps!.pixels[0]!, steps!.pixels.at(-1)!];
        const calls = split(plan.units, plan.lanes).map(({ index, start, count }) => [
          ...[engine.address(x), engine.address(out), steps!.address, inner.length, before, after],
          ...[channels, plan.block, start, count, scratch + index * plan.scratchBytes, plan.bufferBytes],
        ]);
        engine.run('productChain', calls, plan.lanes);
      });
    });
    return out;
  },
);

/**
 * a and b (batch, ...), each with a chain of its own (aMatrix0, ..., bMatrix0, ...) to (batch, places, channels)
 * -> (places), the sum over the batch and the channels of the product of both.
 */
export const chainProducts = trainingKernel<{ aInner: number[]; bInner: number[]; channels: number }>(
  'StridelabChainProducts',
  ({ inputs, attrs: { aInner, bInner, channels }, backend, engine }) => {
    const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
    const chains: Chain[] = [
      { x: a, channels, matrices: matricesOf(inputs, 'aMatrix', aInner), inner: aInner },
      { x: b, channels, matrices: matricesOf(inputs, 'bMatrix', bInner), inner: bInner },
    ];
    return withSteps(engine, chains, ([aSteps, bSteps]) => {
      const places = aSteps!.pixels.at(-1)!;
      const sums = backend.makeOutput([places], 'float32');
      const plan = planOf(engine, [aSteps!, bSteps!], a, channels, 4);
      const parts = split(plan.units, plan.lanes);
      const target = { address: engine.address(sums), size: places };
      sumPartials(engine, target, parts.length, plan.scratchBytes, (results, scratchOf) => {
        const calls = parts.map(({ index, start, count }) => {
          engine.bytes(results[index]!, bytesOf(places)).fill(0);
          return [
            ...[engine.address(a), engine.address(b), results[index]!],
            ...[aSteps!.address, aInner.length, bSteps!.address, bInner.length, aSteps!.pixels[0]!, bSteps!.pixels[0]!],
            ...[places, channels, plan.block, start, count, scratchOf(index), plan.bufferBytes],
          ];
        });
        engine.run('chainProducts', calls, plan.lanes);
      });
      return sums;
    });
  },
);

function matricesOf(inputs: Record<string, TensorInfo | undefined>, name: string, inner: number[]): TensorInfo[] {
  return inner.map((_, i) => inputs[`${name}${i}`]!);
}
