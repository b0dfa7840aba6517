// Both gradients of tf.conv3d, and tf.conv3dTranspose. TF.js's own give wrong numbers on the wasm backend: that of the
// input always, that of the filter for strides above 1.
import {
  backend_util,
  Conv3DBackpropFilterV2,
  Conv3DBackpropInputV2,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import { split } from '../engine/split.ts';
import { bytesOf, fillZeros, trainingKernel } from './kernel.ts';
import { sumPartials } from './partials.ts';

type Shape5D = [number, number, number, number, number];

interface Attrs {
  strides: [number, number, number] | number;
  pad: 'valid' | 'same';
}

/** x (batch, depth, height, width, in), dy (batch, ..., out) -> (filter depth, filter height, filter width, in, out) */
export const conv3DBackpropFilter = trainingKernel<Attrs & { filterShape: number[] }>(
  Conv3DBackpropFilterV2,
  ({ inputs, attrs, backend, engine }) => {
    const { x, dy } = inputs as { x: TensorInfo; dy: TensorInfo };
    const sizes = sizesOf(x.shape, attrs.filterShape, attrs);
    const dFilter = backend.makeOutput(attrs.filterShape, 'float32');
    const out = { address: engine.address(dFilter), size: util.sizeFromShape(attrs.filterShape) };
    const parts = split(sizes.batch, engine.lanesFor(sizes.multiplications));
    sumPartials(engine, out, parts.length, 0, (results) => {
      for (const address of results) engine.bytes(address, bytesOf(out.size)).fill(0);
      const calls = parts.map(({ index, start, count }) => [
        ...[0, engine.address(dy) + start * sizes.outBytes, engine.address(x) + start * sizes.inBytes, results[index]!],
        ...[count, ...sizes.parameters],
      ]);
      engine.run('conv3dBackprop', calls);
    });
    return dFilter;
  },
);

/** dy (batch, ..., out), filter (depth, height, width, in, out) -> (batch, depth, height, width, in) */
export const conv3DBackpropInput = trainingKernel<Attrs & { inputShape: number[] }>(
  Conv3DBackpropInputV2,
  ({ inputs, attrs, backend, engine }) => {
    const { dy, filter } = inputs as { dy: TensorInfo; filter: TensorInfo };
    const sizes = sizesOf(attrs.inputShape, filter.shape, attrs);
    const dx = backend.makeOutput(attrs.inputShape, 'float32');
    fillZeros(backend, dx);
    const calls = split(sizes.batch, engine.lanesFor(sizes.multiplications)).map(({ start, count }) => [
      ...[1, engine.address(dy) + start * sizes.outBytes, engine.address(filter)],
      ...[engine.address(dx) + start * sizes.inBytes, count, ...sizes.parameters],
    ]);
    engine.run('conv3dBackprop', calls);
    return dx;
  },
);

function sizesOf(inputShape: number[], filterShape: number[], { strides, pad }: Attrs) {
  const info = backend_util.computeConv3DInfo(inputShape as Shape5D, filterShape as Shape5D, strides, 1, pad);
  const inSizes = [info.inDepth, info.inHeight, info.inWidth, info.inChannels];
  const outSizes = [info.outDepth, info.outHeight, info.outWidth, info.outChannels];
  return {
    batch: info.batchSize,
    /** Bytes of one image of x, and of dy. */
    inBytes: bytesOf(util.sizeFromShape(inSizes)),
    outBytes: bytesOf(util.sizeFromShape(outSizes)),
    multiplications: info.batchSize * util.sizeFromShape(outSizes) * util.sizeFromShape(filterShape.slice(0, 4)),
    parameters: [
      ...[...inSizes, ...outSizes, info.filterDepth, info.filterHeight, info.filterWidth],
      ...[info.strideDepth, info.strideHeight, info.strideWidth],
      ...[info.padInfo.front, info.padInfo.top, info.padInfo.left],
    ],
  };
}
