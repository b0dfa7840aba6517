// Both gradients of tf.conv3d, and tf.conv3dTranspose. TF.js's own give wrong numbers on the wasm backend: that of the
// input always, that of the filter for strides above 1.
import { Conv3DBackpropFilterV2, Conv3DBackpropInputV2, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { WasmError } from '../errors.ts';
import { gradientOfFilter } from './conv2d-backprop-filter.ts';
import { gradientOfInput } from './conv2d-backprop-input.ts';
import { bytesOf, fillZeros, trainingKernel } from './kernel.ts';
import {
  addPlaneFilter,
  addStacks,
  type Conv3DAttrs,
  inPortions,
  outFrameBytes,
  stackFrames,
  volumeInfo,
  withPlaneFilter,
} from './stacked-frames.ts';

/** x (batch, depth, height, width, in), dy (batch, ..., out) -> (filter depth, filter height, filter width, in, out) */
export const conv3DBackpropFilter = trainingKernel<Conv3DAttrs & { filterShape: number[] }>(
  Conv3DBackpropFilterV2,
  ({ inputs, attrs, backend, engine }) => {
    const { x, dy } = inputs as { x: TensorInfo; dy: TensorInfo };
    const info = volumeInfo(x.shape, attrs.filterShape, attrs);
    const dFilter = backend.makeOutput(attrs.filterShape, 'float32');
    fillZeros(backend, dFilter);
    engine.withScratch(Math.max(8, bytesOf(util.sizeFromShape(attrs.filterShape))), (planes) => {
      inPortions(engine, info, engine.address(x), (portion) => {
        stackFrames(engine, info, engine.address(x), portion);
        const dyAt = engine.address(dy) + portion.first * outFrameBytes(info);
        gradientOfFilter(engine, portion.plane, { x: portion.stacks, dy: dyAt, dFilter: planes });
        addPlaneFilter(engine, info, planes, engine.address(dFilter));
      });
    });
    return dFilter;
  },
);

/** dy (batch, ..., out), filter (depth, height, width, in, out) -> (batch, depth, height, width, in) */
export const conv3DBackpropInput = trainingKernel<Conv3DAttrs & { inputShape: number[] }>(
  Conv3DBackpropInputV2,
  ({ inputs, attrs, backend, engine }) => {
    const { dy, filter } = inputs as { dy: TensorInfo; filter: TensorInfo };
    const info = volumeInfo(attrs.inputShape, filter.shape, attrs);
    // tf.conv3dTranspose takes volumes of another size than the convolution would have made, of which no kernel makes sense.
    if (!util.arraysEqual(dy.shape, info.outShape)) {
      throw new WasmError(Conv3DBackpropInputV2, `dy must have the shape [${info.outShape.join(', ')}]`, dy.shape);
    }
    const dx = backend.makeOutput(attrs.inputShape, 'float32');
    fillZeros(backend, dx);
    withPlaneFilter(engine, info, engine.address(filter), (planes) => {
      inPortions(engine, info, engine.address(dx), (portion) => {
        const dyAt = engine.address(dy) + portion.first * outFrameBytes(info);
        gradientOfInput(engine, portion.plane, { dy: dyAt, filter: planes, dx: portion.stacks });
        addStacks(engine, info, engine.address(dx), portion);
      });
    });
    return dx;
  },
);
