import { type BackendGradient, dilatedGradient } from '@stridelab/registration';
import { Conv2D, Conv2DBackpropFilter, Conv2DBackpropInput } from '@tensorflow/tfjs-core';
import { type ConvAttrs, convInfo } from '../kernels/products/convolution.ts';

const ofAnySize = dilatedGradient(Conv2D, Conv2DBackpropInput, Conv2DBackpropFilter);

/** Gradient of tf.conv2d with dilation, where the kernels of this package apply: TF.js's own ignore it. */
export const conv2DGradient: BackendGradient = {
  ...ofAnySize,
  takes(saved, attrs) {
    const [x, filter] = saved.map(({ shape }) => shape) as [number[], number[]];
    return ofAnySize.takes(saved, attrs) && convInfo(x, filter, attrs as unknown as ConvAttrs) !== undefined;
  },
};
