import { dilatedGradient } from '@stridelab/registration';
import {
  Conv2D,
  Conv2DBackpropFilter,
  Conv2DBackpropInput,
  DepthwiseConv2dNative,
  DepthwiseConv2dNativeBackpropFilter,
  DepthwiseConv2dNativeBackpropInput,
} from '@tensorflow/tfjs-core';

/** Gradient of tf.conv2d with dilation. */
export const conv2DGradient = dilatedGradient(Conv2D, Conv2DBackpropInput, Conv2DBackpropFilter);

/** Gradient of tf.depthwiseConv2d with dilation. */
export const depthwiseGradient = dilatedGradient(
  DepthwiseConv2dNative,
  DepthwiseConv2dNativeBackpropInput,
  DepthwiseConv2dNativeBackpropFilter,
);
