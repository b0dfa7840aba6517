import { Conv2DBackpropFilter, Conv2DBackpropInput, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { multiply } from '../../gemm/product.ts';
import { trainingKernel } from '../kernel.ts';
import { backwardFilter, backwardInput, type ConvAttrs, gradientInfo } from './convolution.ts';

/** dy (batch, out height, out width, out), filter (height, width, in, out) -> (batch, height, width, in) */
export const conv2DBackpropInput = trainingKernel<ConvAttrs & { inputShape: number[] }>(
  Conv2DBackpropInput,
  ({ inputs, attrs, backend, abilities, original }) => {
    const { dy, filter } = inputs as { dy: TensorInfo; filter: TensorInfo };
    const info = gradientInfo(dy, attrs.inputShape, filter.shape, attrs);
    // tf.conv2dTranspose takes images of another size than the convolution would have made.
    if (!info || !util.arraysEqual(dy.shape, info.outShape)) return original();
    return multiply(backend, abilities, backwardInput(Conv2DBackpropInput, info, dy, filter));
  },
);

/** x (batch, height, width, in), dy (batch, out height, out width, out) -> (height, width, in, out) */
export const conv2DBackpropFilter = trainingKernel<ConvAttrs & { filterShape: number[] }>(
  Conv2DBackpropFilter,
  ({ inputs, attrs, backend, abilities, original }) => {
    const { x, dy } = inputs as { x: TensorInfo; dy: TensorInfo };
    const info = gradientInfo(dy, x.shape, attrs.filterShape, attrs);
    if (!info) return original();
    return multiply(backend, abilities, backwardFilter(Conv2DBackpropFilter, info, x, dy));
  },
);
