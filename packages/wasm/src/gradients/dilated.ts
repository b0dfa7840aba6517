// TF.js refuses the gradient of a dilated convolution on every backend; the kernels here can do it.
import type { BackendGradient } from '@stridelab/registration';
import {
  Conv2D,
  Conv2DBackpropFilter,
  Conv2DBackpropInput,
  DepthwiseConv2dNative,
  DepthwiseConv2dNativeBackpropFilter,
  DepthwiseConv2dNativeBackpropInput,
  engine,
  type NamedAttrMap,
  type Tensor,
} from '@tensorflow/tfjs-core';

/** Gradient of tf.conv2d with dilation. */
export const dilatedConv2D = dilated(Conv2D, Conv2DBackpropInput, Conv2DBackpropFilter);

/** Gradient of tf.depthwiseConv2d with dilation. */
export const dilatedDepthwise = dilated(
  DepthwiseConv2dNative,
  DepthwiseConv2dNativeBackpropInput,
  DepthwiseConv2dNativeBackpropFilter,
);

function dilated(kernelName: string, inputKernel: string, filterKernel: string): BackendGradient {
  return {
    kernelName,
    takes: (_, { dilations }) => [dilations].flat().some((dilation) => Number(dilation ?? 1) !== 1),
    gradient(dy, saved, attrs) {
      const [x, filter] = saved as [Tensor, Tensor];
      const run = (kernel: string, inputs: Record<string, Tensor>, shape: NamedAttrMap) =>
        engine().runKernel(kernel, inputs, { ...attrs, ...shape }) as Tensor;
      return {
        x: () => run(inputKernel, { dy, filter }, { inputShape: x.shape }),
        filter: () => run(filterKernel, { x, dy }, { filterShape: filter.shape }),
      };
    },
  };
}
