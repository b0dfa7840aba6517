// dX of tf.conv2d, and tf.conv2dTranspose: TF.js's own runs at a tenth of the forward convolution's speed.
import { infoOfGradient } from '@stridelab/registration';
import { Conv2DBackpropInput, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine/engine.ts';
import { split } from '../engine/split.ts';
import { convolve, UNLIMITED } from './convolve.ts';
import { type ConvAttrs, convInfo, flippedConvolutionOf, multiplications, steps, type WindowInfo } from './geometry.ts';
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
  const dx = backend.makeOutput(info.inShape, 'float32');
  gradientOfInput(engine, info, { dy: engine.address(dy), filter: engine.address(filter), dx: engine.address(dx) });
  return dx;
});

/** Writes dX, all three being addresses. */
export function gradientOfInput(
  engine: Engine,
  info: WindowInfo,
  { dy, filter, dx }: { dy: number; filter: number; dx: number },
): void {
  const { inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth } = info;
  if (info.strideHeight === 1 && info.strideWidth === 1) {
    const shape = [filterHeight, filterWidth, inChannels, outChannels];
    convolve(
      engine,
      flippedConvolutionOf(info),
      { x: dy, y: dx },
      (panels, first, count) => ['packFlippedFilter', [filter, panels, ...shape, first, count]],
      UNLIMITED,
    );
    return;
  }
  const reachHeight = (filterHeight - 1) * info.dilationHeight;
  const reachWidth = (filterWidth - 1) * info.dilationWidth;
  const window = bytesOf((inHeight + reachHeight) * (inWidth + reachWidth) * outChannels);
  const panels = bytesOf(roundUp(inChannels, 8) * (1 + filterHeight * filterWidth * outChannels));
  const parts = split(info.batchSize, engine.lanesFor(multiplications(info)));
  engine.withScratch(parts.length * (window + panels), (scratch) => {
    const calls = parts.map(({ index, start, count }) => {
      const own = scratch + index * (window + panels);
      return [
        dy + bytesOf(start * outHeight * outWidth * outChannels),
        filter,
        dx + bytesOf(start * inHeight * inWidth * inChannels),
        ...[own, own + window],
        ...[count, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels],
        ...[filterHeight, filterWidth, ...steps(info)],
      ];
    });
    engine.run('convBackpropInput', calls);
  });
}
