import { convolutionGradient } from '@stridelab/registration';
import { Conv2D, Conv2DBackpropFilter, Conv2DBackpropInput } from '@tensorflow/tfjs-core';

/** Gradient of tf.conv2d with dilation, or with sizes that are not rounded down. */
export const conv2DGradient = convolutionGradient(Conv2D, Conv2DBackpropInput, Conv2DBackpropFilter);
