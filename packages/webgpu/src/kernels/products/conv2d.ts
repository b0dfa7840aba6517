import { Conv2D, FusedConv2D, type TensorInfo } from '@tensorflow/tfjs-core';
import { type KernelCall, trainingKernel } from '../kernel.ts';
import { type ConvAttrs, convInfo, forward } from './convolution.ts';
import { epilogueOf, type FusedAttrs, multiplyAndFinish } from './epilogue.ts';

function run(name: string, call: KernelCall<ConvAttrs & FusedAttrs>): TensorInfo {
  const { inputs, attrs, backend, abilities } = call;
  const { x, filter } = inputs as { x: TensorInfo; filter: TensorInfo };
  const info = convInfo(x.shape, filter.shape, attrs);
  const epilogue = info && epilogueOf(inputs, attrs, info.outChannels);
  if (!info || epilogue === null) return call.original();
  return multiplyAndFinish(backend, abilities, forward(name, info, x, filter, epilogue));
}

/** x (batch, height, width, in), filter (height, width, in, out) -> (batch, out height, out width, out) */
export const conv2D = trainingKernel<ConvAttrs>(Conv2D, (call) => run(Conv2D, call));

/** The same with a bias for each channel and an activation. */
export const fusedConv2D = trainingKernel<ConvAttrs & FusedAttrs>(FusedConv2D, (call) => run(FusedConv2D, call));
