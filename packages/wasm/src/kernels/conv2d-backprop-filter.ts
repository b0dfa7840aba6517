// dFilter of tf.conv2d, which TF.js's wasm backend lacks.
import { infoOfGradient } from '@stridelab/registration';
import { Conv2DBackpropFilter, type TensorInfo } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine/engine.ts';
import { split } from '../engine/split.ts';
import { type ConvAttrs, convInfo, convolutionOf, multiplications, steps, type WindowInfo } from './geometry.ts';
import { bytesOf, roundUp, trainingKernel } from './kernel.ts';
import { sumPartials } from './partials.ts';
import { suitsWinograd } from './winograd.ts';
import { runWinogradGradient } from './winograd-gradient.ts';

interface Attrs extends ConvAttrs {
  filterShape: number[];
}

/**
 * dFilter[i, j, c, o] = sum over batch, y, x of X[y * stride + i - pad, ..., c] * dY[y, x, o].
 * x (batch, height, width, in), dy (batch, out height, out width, out) -> (filter height, filter width, in, out)
 */
export const conv2DBackpropFilter = trainingKernel<Attrs>(Conv2DBackpropFilter, (call) => {
  const { inputs, attrs, backend, engine } = call;
  if (attrs.dataFormat === 'NCHW') return call.original();
  const { x, dy } = inputs as { x: TensorInfo; dy: TensorInfo };
  const info = infoOfGradient(dy, attrs, (told) => convInfo(x.shape, attrs.filterShape, told));
  const dFilter = backend.makeOutput(attrs.filterShape, 'float32');
  gradientOfFilter(engine, info, { x: engine.address(x), dy: engine.address(dy), dFilter: engine.address(dFilter) });
  return dFilter;
});

/** Writes dFilter, all three being addresses. */
export function gradientOfFilter(
  engine: Engine,
  info: WindowInfo,
  { x, dy, dFilter }: { x: number; dy: number; dFilter: number },
): void {
  const lanes = engine.lanesFor(multiplications(info));
  const convolution = convolutionOf(info);
  if (suitsWinograd(convolution)) {
    runWinogradGradient(engine, lanes, convolution, { x, dy }, dFilter);
    return;
  }
  const scratch = passScratch(info);
  const parts = split(info.batchSize, lanes);
  const { filterHeight, filterWidth, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = info;
  const out = { address: dFilter, size: filterHeight * filterWidth * inChannels * outChannels };
  sumPartials(engine, out, parts.length, scratch.total, (results, scratchOf) => {
    const calls = parts.map(({ index, start, count }) => {
      const blocks = scratchOf(index);
      return [
        x + bytesOf(start * inHeight * inWidth * inChannels),
        dy + bytesOf(start * outHeight * outWidth * outChannels),
        results[index]!,
        ...[blocks, blocks + scratch.x, blocks + scratch.x + scratch.dy],
        ...[count, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels],
        ...[filterHeight, filterWidth, ...steps(info), scratch.images, scratch.rows],
      ];
    });
    engine.run('convBackpropFilter', calls);
  });
}

/** Pixels of dY that one pass takes: their blocks stay in the nearest caches, and long enough sums in registers. */
const PASS_PIXELS = 256;

/** How much a pass takes, and the bytes of scratch that it needs. */
function passScratch(info: WindowInfo) {
  const { batchSize, outHeight, outWidth, inChannels, outChannels, filterHeight, filterWidth } = info;
  const rows = Math.min(outHeight, Math.max(1, Math.floor(PASS_PIXELS / outWidth)));
  const whole = Math.floor(PASS_PIXELS / (outHeight * outWidth));
  const images = rows < outHeight ? 1 : Math.max(1, Math.min(batchSize, whole));
  // Below zero where there is no output at all.
  const xRows = Math.max(0, (rows - 1) * info.strideHeight + (filterHeight - 1) * info.dilationHeight + 1);
  const xColumns = Math.max(0, (outWidth - 1) * info.strideWidth + (filterWidth - 1) * info.dilationWidth + 1);
  const x = bytesOf(roundUp(inChannels, 4) * images * xRows * xColumns);
  const dy = bytesOf(roundUp(outChannels, 8) * images * rows * outWidth);
  const sums = bytesOf(roundUp(inChannels, 4) * filterHeight * filterWidth * roundUp(outChannels, 8));
  return { images, rows, x, dy, total: x + dy + sums };
}
