import { type BackendGradient, convolutionGradient } from '@stridelab/registration';
import { Conv2D, Conv2DBackpropFilter, Conv2DBackpropInput } from '@tensorflow/tfjs-core';
import { type ConvAttrs, convInfo } from '../kernels/products/convolution.ts';

const toldEverything = convolutionGradient(Conv2D, Conv2DBackpropInput, Conv2DBackpropFilter);

/** Gradient of tf.conv2d with dilation, or with sizes that are not rounded down, where the kernels of this package apply. */
export const conv2DGradient: BackendGradient = {
  ...toldEverything,
  takes(saved, attrs) {
    const [x, filter] = saved.map(({ shape }) => shape) as [number[], number[]];
    return toldEverything.takes(saved, attrs) && convInfo(x, filter, attrs as unknown as ConvAttrs) !== undefined;
  },
};
