import { convolutionGradient } from '@stridelab/registration';
import {
  Conv2D,
  Conv2DBackpropFilter,
  Conv2DBackpropInput,
  DepthwiseConv2dNative,
  DepthwiseConv2dNativeBackpropFilter,
  DepthwiseConv2dNativeBackpropInput,
} from '@tensorflow/tfjs-core';

/** Gradient of tf.conv2d with dilation, or with sizes that are not rounded down. */
export const conv2DGradient = convolutionGradient(Conv2D, Conv2DBackpropInput, Conv2DBackpropFilter);

/** Gradient of tf.depthwiseConv2d, likewise. */
export const depthwiseGradient = convolutionGradient(
  DepthwiseConv2dNative,
  DepthwiseConv2dNativeBackpropInput,
  DepthwiseConv2dNativeBackpropFilter,
);
