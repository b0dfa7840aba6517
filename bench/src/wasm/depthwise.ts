import { registerWasmTraining } from '@stridelab/wasm/training';
import * as tf from '@tensorflow/tfjs-core';
import { markdownTable, milliseconds, race, ratio, type Timing } from '../harness.ts';
import { withTfjs } from './with-tfjs.ts';

/** Maps of MobileNets, and their strides. */
const CASES = [
  { shape: [32, 32, 32, 64], strides: 1 },
  { shape: [8, 56, 56, 144], strides: 1 },
  { shape: [8, 56, 56, 144], strides: 2 },
  { shape: [32, 16, 16, 256], strides: 1 },
  { shape: [32, 7, 7, 960], strides: 1 },
] as const;

/** Gradients of depthwise convolutions of 3x3, which TF.js has none of, beside its convolution. */
export async function depthwiseTable(timing: Parameters<typeof race>[1]): Promise<string> {
  registerWasmTraining();
  const rows: string[][] = [];
  for (const { shape, strides } of CASES) {
    const x = tf.randomNormal([...shape]) as tf.Tensor4D;
    const filter = tf.randomNormal<tf.Rank.R4>([3, 3, shape[3], 1]);
    const forward = () => tf.depthwiseConv2d(x, filter, strides, 'same');
    const dy = forward();
    const attrs = { strides: [strides, strides], pad: 'same', dilations: [1, 1] };
    const kernel = (name: string, inputs: tf.NamedTensorMap, more: object) =>
      tf.engine().runKernel(name, inputs, { ...attrs, ...more }) as tf.Tensor;
    const times = await race(
      {
        forward: withTfjs(forward),
        dInput: () => kernel(tf.DepthwiseConv2dNativeBackpropInput, { dy, filter }, { inputShape: x.shape }),
        dFilter: () => kernel(tf.DepthwiseConv2dNativeBackpropFilter, { x, dy }, { filterShape: filter.shape }),
      },
      timing,
    );
    const cell = (time: Timing) => `${milliseconds(time)} ms, ${ratio(time, times.forward).median.toFixed(2)}x`;
    const name = `[${shape.join(', ')}], stride ${strides}`;
    rows.push([name, `${milliseconds(times.forward)} ms`, cell(times.dInput), cell(times.dFilter)]);
    tf.dispose([x, filter, dy]);
  }
  return markdownTable(['x, depthwise 3x3', 'forward (TF.js)', 'd input', 'd filter'], rows);
}
