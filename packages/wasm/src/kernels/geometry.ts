// Shapes of a 2D convolution or pooling, as the WebAssembly functions take them.
import { backend_util } from '@tensorflow/tfjs-core';
import type { Convolution } from './convolve.ts';

export type WindowInfo = ReturnType<typeof backend_util.computePool2DInfo>;
type Shape4D = [number, number, number, number];

/** Attributes that all convolutions' kernels share. `dilations` is ours: TF.js's gradients never set it. */
export interface ConvAttrs {
  strides: [number, number] | number;
  pad: 'valid' | 'same' | number | [[number, number], [number, number], [number, number], [number, number]];
  dataFormat?: 'NHWC' | 'NCHW';
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
  dilations?: [number, number] | number;
}

/** Shapes of a convolution of an NHWC `inputShape`. */
export function convInfo(inputShape: number[], filterShape: number[], attrs: ConvAttrs, depthwise = false): WindowInfo {
  const { strides, dilations, pad, dimRoundingMode } = attrs;
  return backend_util.computeConv2DInfo(
    inputShape as Shape4D,
    filterShape as Shape4D,
    strides,
    dilations ?? 1,
    // Explicit padding is what the kernels are given too, whatever this function's type says.
    pad as 'valid',
    dimRoundingMode,
    depthwise,
  );
}

/** Stride, dilation and padding, in the order in which every function takes them. */
export function steps(info: WindowInfo): [number, number, number, number, number, number] {
  const { strideHeight, strideWidth, dilationHeight, dilationWidth, padInfo } = info;
  return [strideHeight, strideWidth, dilationHeight, dilationWidth, padInfo.top, padInfo.left];
}

/** A convolution forward. */
export function convolutionOf(info: WindowInfo): Convolution {
  const { batchSize: batch, inHeight: height, inWidth: width, inChannels: depth, padInfo } = info;
  const { outHeight: rows, outWidth: columns, outChannels: channels, filterHeight, filterWidth } = info;
  const { strideHeight, strideWidth, dilationHeight, dilationWidth } = info;
  return {
    ...{ batch, height, width, depth, rows, columns, channels, filterHeight, filterWidth },
    ...{ strideHeight, strideWidth, dilationHeight, dilationWidth, padTop: padInfo.top, padLeft: padInfo.left },
  };
}

/** The convolution of dY with the flipped filter that is dX of a convolution without strides. */
export function flippedConvolutionOf(info: WindowInfo): Convolution {
  const one = convolutionOf(info);
  return {
    ...one,
    ...{ height: one.rows, width: one.columns, depth: one.channels },
    ...{ rows: one.height, columns: one.width, channels: one.depth },
    padTop: (one.filterHeight - 1) * one.dilationHeight - one.padTop,
    padLeft: (one.filterWidth - 1) * one.dilationWidth - one.padLeft,
  };
}

/** Multiplications of a convolution, and so of each of its gradients. */
export function multiplications(info: WindowInfo, depthwise = false): number {
  const { batchSize, outHeight, outWidth, inChannels, outChannels, filterHeight, filterWidth } = info;
  return batchSize * outHeight * outWidth * outChannels * filterHeight * filterWidth * (depthwise ? 1 : inChannels);
}
