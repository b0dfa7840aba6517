// dX of tf.conv2d, and tf.conv2dTranspose: TF.js's own runs at a tenth of the forward convolution's speed.
import { infoOfGradient } from '@stridelab/registration';
import { Conv2DBackpropInput, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { split } from '../engine/split.ts';
import { convolve, UNLIMITED } from './convolve.ts';
import { type ConvAttrs, convInfo, flippedConvolutionOf, multiplications, steps } from './geometry.ts';
import { bytesOf, roundUp, trainingKernel } from './kernel.ts';

interface Attrs extends ConvAttrs {
  inputShape: number[];
}

/**
 * dX[u - pad] = sum over taps k and y with y * stride + k = u of dY[y] filter[k]^T.
 * dy (batch, out height, out width, out), filter (height, width, in, out) -> (batch, height, width, in)
 */
export const conv2DBackpropInput = trainingKernel<Attrs>(Conv2DBackpropInput, (call) => {
  const { inputs, attrs, backend, engine } = call;
  if (attrs.dataFormat === 'NCHW') return call.original();
  const { dy, filter } = inputs as { dy: TensorInfo; filter: TensorInfo };
  const info = infoOfGradient(dy, attrs, (told) => convInfo(attrs.inputShape, filter.shape, told));
  // tf.conv2dTranspose takes images of another size than the convolution would have made.
  if (!util.arraysEqual(dy.shape, info.outShape)) return call.original();
  const { inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = info;
  const dx = backend.makeOutput(info.inShape, 'float32');
  if (info.strideHeight === 1 && info.strideWidth === 1) {
    const { filterHeight, filterWidth } = info;
    const [from, shape] = [engine.address(filter), [filterHeight, filterWidth, inChannels, outChannels]];
    convolve(
      engine,
      flippedConvolutionOf(info),
      { x: engine.address(dy), y: engine.address(dx) },
      (panels, first, count) => ['packFlippedFilter', [from, panels, ...shape, first, count]],
      UNLIMITED,
    );
    return dx;
  }
  const reachHeight = (info.filterHeight - 1) * info.dilationHeight;
  const reachWidth = (info.filterWidth - 1) * info.dilationWidth;
  const window = bytesOf((inHeight + reachHeight) * (inWidth + reachWidth) * outChannels);
  const panels = bytesOf(roundUp(inChannels, 8) * (1 + info.filterHeight * info.filterWidth * outChannels));
  const parts = split(info.batchSize, engine.lanesFor(multiplications(info)));
  engine.withScratch(parts.length * (window + panels), (scratch) => {
    const calls = parts.map(({ index, start, count }) => {
      const own = scratch + index * (window + panels);
      return [
        engine.address(dy) + bytesOf(start * outHeight * outWidth * outChannels),
        engine.address(filter),
        engine.address(dx) + bytesOf(start * inHeight * inWidth * inChannels),
        ...[own, own + window],
        ...[count, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels],
        ...[info.filterHeight, info.filterWidth, ...steps(info)],
      ];
    });
    engine.run('convBackpropInput', calls);
  });
  return dx;
});
