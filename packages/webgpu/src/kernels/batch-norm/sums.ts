// What tf.batchNorm's gradient needs of all rows: two sums for each channel. TF.js puts that gradient together from some
// forty operations on whole feature maps.
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { dispatch, output } from '../../gpu/dispatch.ts';
import type { Program } from '../../gpu/program.ts';
import { checkInputs } from '../checks.ts';
import { chunksToSum, placeGrid, placeUniforms } from '../columns/columns.ts';
import { trainingKernel } from '../kernel.ts';
import { sumsProgram } from './backward.ts';
import { channelsOf, perChannel } from './channels.ts';
import { finishCode, finishGrid } from './finish.ts';

/** Name of the kernel behind the gradient of tf.batchNorm. */
export const BATCH_NORM_SUMS = 'StridelabBatchNormSums';

const OUTPUTS = ['dMean', 'dVariance', 'dScale', 'dOffset', 'factor'];

/**
 * With r = 1 / sqrt(variance + epsilon), s = sum(dy) and t = sum(dy * (x - mean)), for each channel:
 * dMean = -s scale r, dVariance = -t scale r^3 / 2, dScale = t r, dOffset = s, and the factor of dy in dx, scale r.
 */
export const batchNormSums = trainingKernel<{ varianceEpsilon: number }, TensorInfo[]>(
  BATCH_NORM_SUMS,
  ({ inputs, attrs, backend }) => {
    const { dy, x, mean, variance, scale } = inputs as Record<string, TensorInfo>;
    const columns = channelsOf(BATCH_NORM_SUMS, x);
    checkInputs(BATCH_NORM_SUMS, inputs, { ...perChannel(columns, 'mean', 'variance', 'scale'), dy: x!.shape });
    const { columns: channels } = columns;
    const chunked = chunksToSum(columns);
    const partial = output(backend, [chunked.chunks, 2, channels]);
    dispatch(backend, sumsProgram(columns, false), {
      tensors: { dy: dy!, x: x!, mean: mean!, partial },
      uniforms: placeUniforms(columns, chunked),
      workgroups: placeGrid(backend, columns, chunked),
    });
    const outputs = OUTPUTS.map((name) => [name, output(backend, [channels])] as const);
    dispatch(backend, finishProgram, {
      tensors: { partial, variance: variance!, scale: scale!, ...Object.fromEntries(outputs) },
      uniforms: { chunks: chunked.chunks, channels, epsilon: attrs.varianceEpsilon },
      workgroups: finishGrid(backend, channels),
    });
    backend.disposeData(partial.dataId);
    return outputs.map(([, tensor]) => tensor);
  },
);

const finishProgram: Program = {
  name: BATCH_NORM_SUMS,
  bindings: {
    ...{ partial: 'read', variance: 'read', scale: 'read' },
    ...(Object.fromEntries(OUTPUTS.map((name) => [name, 'read_write'])) as Record<string, 'read_write'>),
  },
  uniforms: { chunks: 'u32', channels: 'u32', epsilon: 'f32' },
  code: () => /* wgsl */ `
    alias Part = vec2f;
    fn merge(a: Part, b: Part) -> Part { return a + b; }
    fn partOf(chunk: u32, channel: u32) -> Part {
      let at = chunk * 2u * uniforms.channels + channel;
      return vec2f(partial[at], partial[at + uniforms.channels]);
    }
    fn write(channel: u32, whole: Part) {
      let root = 1.0 / sqrt(variance[channel] + uniforms.epsilon);
      let times = scale[channel] * root;
      dMean[channel] = -whole.x * times;
      dVariance[channel] = -0.5 * whole.y * times * root * root;
      dScale[channel] = whole.y * root;
      dOffset[channel] = whole.x;
      factor[channel] = times;
    }
    ${finishCode('vec2f()')}`,
};
