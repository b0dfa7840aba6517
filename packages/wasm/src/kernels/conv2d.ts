// tf.conv2d and tf.fused.conv2d: TF.js's own is slower, by a fifth at least where the filter is new, as in training.
import { Conv2D, FusedConv2D, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { split } from '../engine/split.ts';
import { type ConvAttrs, convInfo, multiplications, steps, type WindowInfo } from './geometry.ts';
import { bytesOf, type KernelCall, roundUp, trainingKernel } from './kernel.ts';
import { withEachSide } from './sized-windows.ts';

interface FusedAttrs extends ConvAttrs {
  activation?: string;
}

/** What the activations that are computed here let through. */
const LIMITS: Readonly<Record<string, readonly [low: number, high: number]>> = {
  linear: [-Infinity, Infinity],
  relu: [0, Infinity],
  relu6: [0, 6],
};

/** A window of an image that is larger than this leaves the cache before the next eight channels read it. */
const WINDOW_BYTES = 2 ** 18;

/** Rows of a strip, at least: neighbours copy the rows that both read. */
const LEAST_ROWS = 8;

/** x (batch, height, width, in), filter (height, width, in, out) -> (batch, out height, out width, out) */
export const conv2D = trainingKernel<ConvAttrs>(Conv2D, run);

/** The same with a bias (out) and an activation. */
export const fusedConv2D = trainingKernel<FusedAttrs>(FusedConv2D, run);

function run(call: KernelCall<FusedAttrs>): TensorInfo {
  const { inputs, attrs, backend, engine } = call;
  const { x, filter, bias } = inputs as { x: TensorInfo; filter: TensorInfo; bias?: TensorInfo };
  const limits = LIMITS[attrs.activation ?? 'linear'];
  const isFloat = [x, filter, bias].every((tensor) => !tensor || tensor.dtype === 'float32');
  if (attrs.dataFormat === 'NCHW') return call.original();
  const info = convInfo(x.shape, filter.shape, attrs);
  if (!limits || !isFloat || engine.isOutnumbered) return withEachSide(call, info);
  const { inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, batchSize } = info;
  if (bias && util.sizeFromShape(bias.shape) !== outChannels) return withEachSide(call, info);
  const y = backend.makeOutput(info.outShape, 'float32');
  if (util.sizeFromShape(info.outShape) === 0) return y;
  const terms = info.filterHeight * info.filterWidth * inChannels;
  const panels = bytesOf(roundUp(outChannels, 8) * (1 + terms));
  const lanes = engine.lanesFor(multiplications(info));
  const strips = split(outHeight, stripsFor(info, lanes));
  const window = hasBorder(info) ? windowBytes(info, Math.max(...strips.map(({ count }) => count))) : 0;
  const [strideHeight, strideWidth, dilationHeight, dilationWidth, padTop, padLeft] = steps(info);
  engine.withScratch(panels + lanes * window, (scratch) => {
    const [filterAt, biasAt] = [engine.address(filter), bias ? engine.address(bias) : 0];
    const blocks = split(Math.ceil(outChannels / 8), lanes);
    engine.run(
      'packFilter',
      blocks.map(({ start, count }) => [filterAt, biasAt, scratch, terms, outChannels, 8 * start, 8 * count]),
    );
    const calls: number[][] = [];
    for (const images of split(batchSize, strips.length > 1 ? batchSize : lanes)) {
      for (const { start, count } of strips) {
        calls.push([
          engine.address(x) + bytesOf(images.start * inHeight * inWidth * inChannels),
          scratch,
          engine.address(y) + bytesOf((images.start * outHeight + start) * outWidth * outChannels),
          window && scratch + panels + (calls.length % lanes) * window,
          ...[images.count, inHeight, inWidth, inChannels, count, outWidth, outChannels],
          ...[info.filterHeight, info.filterWidth, strideHeight, strideWidth, dilationHeight, dilationWidth],
          ...[padTop - start * strideHeight, padLeft, ...limits],
        ]);
      }
    }
    engine.run('convolve', calls, lanes);
  });
  return y;
}

/** Bytes of what `rows` rows of the result read of one image. */
function windowBytes(info: WindowInfo, rows: number): number {
  const [height, width] = reach(info, rows);
  return bytesOf(height * width * info.inChannels);
}

/** Rows and columns that `rows` rows of the result reach over. */
function reach(info: WindowInfo, rows: number): [rows: number, columns: number] {
  return [
    (rows - 1) * info.strideHeight + (info.filterHeight - 1) * info.dilationHeight + 1,
    (info.outWidth - 1) * info.strideWidth + (info.filterWidth - 1) * info.dilationWidth + 1,
  ];
}

/** Whether a tap reaches past an edge of the image. */
function hasBorder(info: WindowInfo): boolean {
  const [rows, columns] = reach(info, info.outHeight);
  const { top, left } = info.padInfo;
  return top > 0 || left > 0 || rows > info.inHeight || columns > info.inWidth;
}

/** Into how many strips of rows each image is cut: windows then stay in the cache, and few images are work for every lane. */
function stripsFor(info: WindowInfo, lanes: number): number {
  const forCache = Math.ceil(windowBytes(info, info.outHeight) / WINDOW_BYTES);
  return Math.max(Math.min(forCache, Math.ceil(info.outHeight / LEAST_ROWS)), Math.ceil(lanes / info.batchSize));
}
