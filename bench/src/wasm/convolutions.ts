import { registerWasmTraining } from '@stridelab/wasm/training';
import * as tf from '@tensorflow/tfjs-core';
import { markdownTable, milliseconds, race, ratio, type Timing } from '../harness.ts';
import { withTfjs } from './with-tfjs.ts';

const SHAPES = [
  [32, 32, 32, 16],
  [32, 32, 32, 64],
  [32, 16, 16, 128],
  [32, 8, 8, 256],
] as const;

/** A 3x3 convolution, stride 1, and its gradients, beside TF.js's own convolution. */
export async function convolutionTable(timing: Parameters<typeof race>[1]): Promise<string> {
  registerWasmTraining();
  const rows: string[][] = [];
  for (const shape of SHAPES) {
    const [batch, height, width, channels] = shape;
    const x = tf.randomNormal([...shape]) as tf.Tensor4D;
    const filter = tf.randomNormal<tf.Rank.R4>([3, 3, channels, channels]);
    const attrs = { strides: 1, pad: 'same', dataFormat: 'NHWC' };
    const kernel = (name: string, inputs: tf.NamedTensorMap, more: object) =>
      tf.engine().runKernel(name, inputs, { ...attrs, ...more }) as tf.Tensor;
    const dInput = () => kernel(tf.Conv2DBackpropInput, { dy: x, filter }, { inputShape: x.shape });
    // TF.js keeps what it makes of a filter as long as that is the same; in training it is another in every step.
    const forward = () => tf.conv2d(x, tf.add(filter, 0) as tf.Tensor4D, 1, 'same');
    const times = await race(
      {
        forward,
        dInput,
        dFilter: () => kernel(tf.Conv2DBackpropFilter, { x, dy: x }, { filterShape: filter.shape }),
        ownForward: withTfjs(forward),
        ownDInput: withTfjs(dInput),
      },
      timing,
    );
    const operations = 2 * 9 * batch * height * width * channels ** 2;
    const cell = (time: Timing) => `${milliseconds(time)} ms, ${ratio(time, times.ownForward).median.toFixed(2)}x`;
    rows.push([
      `[${shape.join(', ')}]`,
      `${milliseconds(times.ownForward)} ms, ${(operations / times.ownForward.median / 1e6).toFixed(0)} GFLOP/s`,
      cell(times.forward),
      cell(times.dInput),
      cell(times.dFilter),
      cell(times.ownDInput),
    ]);
    tf.dispose([x, filter]);
  }
  const header = ['x, 3x3', 'forward (TF.js)', 'forward', 'd input', 'd filter (TF.js: none)', 'd input (TF.js)'];
  return markdownTable(header, rows);
}
