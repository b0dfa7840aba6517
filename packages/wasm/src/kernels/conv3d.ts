// tf.conv3d: TF.js's own takes a hundred times as long.
import { Conv3D, type TensorInfo } from '@tensorflow/tfjs-core';
import { packOf } from './conv2d.ts';
import { convolve, UNLIMITED } from './convolve.ts';
import { convolutionOf } from './geometry.ts';
import { trainingKernel } from './kernel.ts';
import {
  type Conv3DAttrs,
  inPortions,
  outFrameBytes,
  stackFrames,
  volumeInfo,
  withPlaneFilter,
} from './stacked-frames.ts';

/** x (batch, depth, height, width, in), filter (depth, height, width, in, out) -> (batch, out depth, out height, out width, out) */
export const conv3D = trainingKernel<Conv3DAttrs>(Conv3D, (call) => {
  const { inputs, attrs, backend, engine } = call;
  const { x, filter } = inputs as { x: TensorInfo; filter: TensorInfo };
  if (x.dtype !== 'float32' || filter.dtype !== 'float32') return call.original();
  const info = volumeInfo(x.shape, filter.shape, attrs);
  const y = backend.makeOutput(info.outShape, 'float32');
  withPlaneFilter(engine, info, engine.address(filter), (planes) => {
    inPortions(engine, info, engine.address(x), (portion) => {
      stackFrames(engine, info, engine.address(x), portion);
      const images = { x: portion.stacks, y: engine.address(y) + portion.first * outFrameBytes(info) };
      convolve(engine, convolutionOf(portion.plane), images, packOf(portion.plane, planes), UNLIMITED);
    });
  });
  return y;
});
