// Depthwise convolutions and poolings, and convolutions that conv2d.ts leaves, by TF.js's own kernels. They compute the size of the result a second time, in another
// way, and where that comes to another size than the tensor has, values lie in wrong places and the last are never written:
// windows padded to 'same' that are shorter than their stride, padding by a number around windows that are not square, and
// `dimRoundingMode`. Told what padding each side has, they come to the tensor's size.
import {
  AvgPool,
  backend_util,
  DepthwiseConv2dNative,
  FusedDepthwiseConv2D,
  MaxPool,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { type ConvAttrs, convInfo, type WindowInfo } from './geometry.ts';
import { type KernelCall, trainingKernel } from './kernel.ts';
import { sliceOf } from './slice.ts';

interface PoolAttrs extends ConvAttrs {
  filterSize: [number, number] | number;
}

/** x (batch, height, width, in), filter (height, width, in, multiplier) -> (batch, out height, out width, in * multiplier) */
export const depthwiseConv2D = trainingKernel<ConvAttrs>(DepthwiseConv2dNative, convolve);

/** The same with a bias (in * multiplier) and an activation. */
export const fusedDepthwiseConv2D = trainingKernel<ConvAttrs>(FusedDepthwiseConv2D, convolve);

/** x (batch, height, width, channels) -> (batch, out height, out width, channels) */
export const maxPool = trainingKernel<PoolAttrs>(MaxPool, pool);
export const avgPool = trainingKernel<PoolAttrs>(AvgPool, pool);

function convolve(call: KernelCall<ConvAttrs>): TensorInfo {
  const { x, filter } = call.inputs as { x: TensorInfo; filter: TensorInfo };
  if (call.attrs.dataFormat === 'NCHW') return call.original();
  return withEachSide(call, convInfo(x.shape, filter.shape, call.attrs, true));
}

function pool(call: KernelCall<PoolAttrs>): TensorInfo {
  const { filterSize, strides, pad, dimRoundingMode } = call.attrs;
  const shape = call.inputs.x!.shape as [number, number, number, number];
  return withEachSide(
    call,
    backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad as 'valid', dimRoundingMode),
  );
}

/** Runs TF.js's kernel with the padding by which it comes to the size that `info` says, rounding down. */
export function withEachSide(call: KernelCall<ConvAttrs>, info: WindowInfo): TensorInfo {
  const { attrs, backend, original } = call;
  const { padInfo, effectiveFilterHeight, effectiveFilterWidth } = info;
  const bottom = (info.outHeight - 1) * info.strideHeight + effectiveFilterHeight - info.inHeight - padInfo.top;
  const right = (info.outWidth - 1) * info.strideWidth + effectiveFilterWidth - info.inWidth - padInfo.left;
  const pad = [
    [0, 0],
    [padInfo.top, Math.max(0, bottom)],
    [padInfo.left, Math.max(0, right)],
    [0, 0],
  ];
  const output = original({ ...attrs, pad, dimRoundingMode: undefined });
  if (bottom >= 0 && right >= 0) return output;
  // A side with less than no padding, as that of width is where a window is higher than wide: TF.js reckons both sizes by its height.
  const [batch, , , channels] = output.shape as [number, number, number, number];
  const counted = sliceOf(call, output, [0, 0, 0, 0], [batch, info.outHeight, info.outWidth, channels]);
  backend.disposeData(output.dataId);
  return counted;
}
