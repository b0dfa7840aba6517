// Both gradients of tf.depthwiseConv2d, which TF.js's wasm backend lacks.
import { infoOfGradient } from '@stridelab/registration';
import {
  DepthwiseConv2dNativeBackpropFilter,
  DepthwiseConv2dNativeBackpropInput,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import { type Part, split } from '../engine/split.ts';
import { type ConvAttrs, convInfo, multiplications, steps, type WindowInfo } from './geometry.ts';
import { bytesOf, trainingKernel } from './kernel.ts';
import { sumPartials } from './partials.ts';

/** x (batch, height, width, in), dy (batch, out height, out width, in * multiplier) -> (height, width, in, multiplier) */
export const depthwiseBackpropFilter = trainingKernel<ConvAttrs & { filterShape: number[] }>(
  DepthwiseConv2dNativeBackpropFilter,
  (call) => {
    const { inputs, attrs, backend, engine } = call;
    const { x, dy } = inputs as { x: TensorInfo; dy: TensorInfo };
    const info = infoOfGradient(dy, attrs, (told) => convInfo(x.shape, attrs.filterShape, told, true));
    const dFilter = backend.makeOutput(attrs.filterShape, 'float32');
    const out = { address: engine.address(dFilter), size: util.sizeFromShape(attrs.filterShape) };
    const parts = split(info.batchSize, engine.lanesFor(multiplications(info, true)));
    sumPartials(engine, out, parts.length, 0, (results) => {
      for (const address of results) engine.bytes(address, bytesOf(out.size)).fill(0);
      const xAt = engine.address(x);
      const calls = parts.map((part) => [
        ...[0, engine.address(dy) + outOffset(info, part), xAt + inOffset(info, part), results[part.index]!],
        ...shape(info, part.count),
      ]);
      engine.run('depthwiseBackprop', calls);
    });
    return dFilter;
  },
);

/** dy (batch, out height, out width, in * multiplier), filter (height, width, in, multiplier) -> (batch, height, width, in) */
export const depthwiseBackpropInput = trainingKernel<ConvAttrs & { inputShape: number[] }>(
  DepthwiseConv2dNativeBackpropInput,
  ({ inputs, attrs, backend, engine }) => {
    const { dy, filter } = inputs as { dy: TensorInfo; filter: TensorInfo };
    const info = infoOfGradient(dy, attrs, (told) => convInfo(attrs.inputShape, filter.shape, told, true));
    const dx = backend.makeOutput(info.inShape, 'float32');
    const calls = split(info.batchSize, engine.lanesFor(multiplications(info, true))).map((part) => [
      ...[1, engine.address(dy) + outOffset(info, part), engine.address(filter)],
      ...[engine.address(dx) + inOffset(info, part), ...shape(info, part.count)],
    ]);
    engine.run('depthwiseBackprop', calls);
    return dx;
  },
);

const inOffset = (info: WindowInfo, { start }: Part) => bytesOf(start * info.inHeight * info.inWidth * info.inChannels);

const outOffset = (info: WindowInfo, { start }: Part) =>
  bytesOf(start * info.outHeight * info.outWidth * info.outChannels);

function shape(info: WindowInfo, batch: number): number[] {
  const { inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth } = info;
  const multiplier = outChannels / inChannels;
  return [
    ...[batch, inHeight, inWidth, inChannels, multiplier],
    ...[outHeight, outWidth, filterHeight, filterWidth, ...steps(info)],
  ];
}
