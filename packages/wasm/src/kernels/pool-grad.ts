// Gradients of tf.maxPool and tf.avgPool, one vector of channels at a time; TF.js's own take one value at a time.
import { AvgPoolGrad, backend_util, MaxPoolGrad, type TensorInfo } from '@tensorflow/tfjs-core';
import { split } from '../engine/split.ts';
import { multiplications } from './geometry.ts';
import { bytesOf, type KernelCall, trainingKernel } from './kernel.ts';

interface Attrs {
  filterSize: [number, number] | number;
  strides: [number, number] | number;
  pad: 'valid' | 'same' | number;
}

/** dX[pixel] = sum of dY over the windows whose first largest value is that pixel. Shapes as x (batch, h, w, channels). */
export const maxPoolGrad = trainingKernel<Attrs>(MaxPoolGrad, (call) => poolGrad(call, 'maxPoolBackprop'));

/**
 * dX[pixel] = sum over the windows on it of dY / (window height * window width).
 * At a padded border this is what every backend of TF.js says, although its forward pass leaves the padding uncounted.
 */
export const avgPoolGrad = trainingKernel<Attrs>(AvgPoolGrad, (call) => poolGrad(call, 'avgPoolBackprop'));

function poolGrad(call: KernelCall<Attrs>, name: 'maxPoolBackprop' | 'avgPoolBackprop'): TensorInfo {
  const { inputs, attrs, backend, engine } = call;
  const { dy, input } = inputs as { dy: TensorInfo; input: TensorInfo };
  if (input.dtype !== 'float32') return call.original();
  const shape = input.shape as [number, number, number, number];
  const { filterSize, strides, pad } = attrs;
  const info = backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad);
  const { inHeight, inWidth, inChannels } = info;
  // TF.js forgets here whether the forward pass rounded up.
  const [, outHeight, outWidth] = dy.shape as [number, number, number, number];
  const dx = backend.makeOutput(shape, 'float32');
  const calls = split(info.batchSize, engine.lanesFor(multiplications(info, true))).map(({ start, count }) => {
    const inOffset = bytesOf(start * inHeight * inWidth * inChannels);
    const gradients = [
      engine.address(dy) + bytesOf(start * outHeight * outWidth * inChannels),
      engine.address(dx) + inOffset,
    ];
    return [
      ...(name === 'maxPoolBackprop' ? [engine.address(input) + inOffset] : []),
      ...gradients,
      ...[count, inHeight, inWidth, inChannels, outHeight, outWidth, info.filterHeight, info.filterWidth],
      ...[info.strideHeight, info.strideWidth, info.padInfo.top, info.padInfo.left],
    ];
  });
  engine.run(name, calls);
  return dx;
}
