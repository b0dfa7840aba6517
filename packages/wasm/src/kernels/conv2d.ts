// tf.conv2d and tf.fused.conv2d: TF.js's own is slower, most of all where the filter is new, as in training.
import { Conv2D, FusedConv2D, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { convolve, type Limits, type Pack, UNLIMITED } from './convolve.ts';
import { type ConvAttrs, convInfo, convolutionOf, type WindowInfo } from './geometry.ts';
import { type KernelCall, trainingKernel } from './kernel.ts';
import { withEachSide } from './sized-windows.ts';

interface FusedAttrs extends ConvAttrs {
  activation?: string;
}

/** What the activations that are computed here let through. */
const LIMITS: Readonly<Record<string, Limits>> = { linear: UNLIMITED, relu: [0, Infinity], relu6: [0, 6] };

/** x (batch, height, width, in), filter (height, width, in, out) -> (batch, out height, out width, out) */
export const conv2D = trainingKernel<ConvAttrs>(Conv2D, run);

/** The same with a bias (out) and an activation. */
export const fusedConv2D = trainingKernel<FusedAttrs>(FusedConv2D, run);

function run(call: KernelCall<FusedAttrs>): TensorInfo {
  const { inputs, attrs, backend, engine } = call;
  const { x, filter, bias } = inputs as { x: TensorInfo; filter: TensorInfo; bias?: TensorInfo };
  if (attrs.dataFormat === 'NCHW') return call.original();
  const info = convInfo(x.shape, filter.shape, attrs);
  const limits = LIMITS[attrs.activation ?? 'linear'];
  const isFloat = [x, filter, bias].every((tensor) => !tensor || tensor.dtype === 'float32');
  const isBias = !bias || util.sizeFromShape(bias.shape) === info.outChannels;
  if (!limits || !isFloat || !isBias) return withEachSide(call, info);
  const y = backend.makeOutput(info.outShape, 'float32');
  convolve(
    engine,
    convolutionOf(info),
    { x: engine.address(x), y: engine.address(y) },
    packOf(info, engine.address(filter), bias && engine.address(bias)),
    limits,
  );
  return y;
}

/** Packs the filter (height, width, in, out) at an address, and the bias at another one. */
export function packOf(info: WindowInfo, filter: number, bias = 0): Pack {
  const terms = info.filterHeight * info.filterWidth * info.inChannels;
  return (panels, first, count) => ['packFilter', [filter, bias, panels, terms, info.outChannels, first, count]];
}
