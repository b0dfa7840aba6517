// TF.js refuses the gradient of a dilated convolution on every backend, and forgets `dimRoundingMode` in those that it takes, so
// that their kernels look for dY in another shape. The kernels here can do both, if they are told.
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

/** Gradient of tf.conv2d with dilation, or with sizes that are not rounded down. */
export const conv2DGradient = toldEverything(Conv2D, Conv2DBackpropInput, Conv2DBackpropFilter);

/** Gradient of tf.depthwiseConv2d, likewise. */
export const depthwiseGradient = toldEverything(
  DepthwiseConv2dNative,
  DepthwiseConv2dNativeBackpropInput,
  DepthwiseConv2dNativeBackpropFilter,
);

function toldEverything(kernelName: string, inputKernel: string, filterKernel: string): BackendGradient {
  return {
    kernelName,
    takes(_, { dilations, dimRoundingMode }) {
      const isDilated = [dilations].flat().some((dilation) => Number(dilation ?? 1) !== 1);
      return isDilated || dimRoundingMode === 'ceil' || dimRoundingMode === 'round';
    },
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
