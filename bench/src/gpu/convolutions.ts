// The network's convolutions, in all three directions, beside TF.js's own.
import * as tf from '@tensorflow/tfjs-core';
import { forgetPacked } from '../../../packages/webgpu/src/gemm/packed.ts';
import { forgetScales } from '../../../packages/webgpu/src/gemm/scale.ts';
import { internalsOf } from '../../../packages/webgpu/src/gpu/backend.ts';
import { openGpu, setPrecision, withStock } from './device.ts';
import { timeOnDevice } from './replay.ts';
import { type Context, samplesOf } from './section.ts';

interface Convolution {
  side: number;
  from: number;
  to: number;
  kernel: number;
  stride: number;
}

/** Those of ResNet-18 on CIFAR: a stage's own, the one that begins it, and its shortcut. */
const CONVOLUTIONS: readonly Convolution[] = [
  { side: 32, from: 3, to: 64, kernel: 3, stride: 1 },
  { side: 32, from: 64, to: 64, kernel: 3, stride: 1 },
  { side: 32, from: 64, to: 128, kernel: 3, stride: 2 },
  { side: 32, from: 64, to: 128, kernel: 1, stride: 2 },
  { side: 16, from: 128, to: 128, kernel: 3, stride: 1 },
  { side: 16, from: 128, to: 256, kernel: 3, stride: 2 },
  { side: 8, from: 256, to: 256, kernel: 3, stride: 1 },
  { side: 8, from: 256, to: 512, kernel: 3, stride: 2 },
  { side: 4, from: 512, to: 512, kernel: 3, stride: 1 },
  // Those of the network that learns its strides.
  { side: 24, from: 128, to: 128, kernel: 3, stride: 1 },
  { side: 20, from: 256, to: 256, kernel: 3, stride: 1 },
  { side: 18, from: 512, to: 512, kernel: 3, stride: 1 },
];

const BATCH = 128;

/** What is asked of each; the image's three channels and 1x1 kernels are bound by memory. */
const ASKED = '>= 80 TFLOP/s in fast';

interface Work {
  what: string;
  flops: number;
  run(): tf.Tensor | tf.Tensor[];
}

/**
 * One direction at a time, and all three as a training step has them. The search for the scales that 'fast' makes is part of
 * each: of both operands of a direction alone; once of x, of the filter and of dy where they are together.
 */
export async function convolutions(context: Context): Promise<void> {
  await openGpu();
  const backend = internalsOf(tf.backend());
  const time = (work: Work) => {
    const anew = () => {
      forgetScales(backend);
      forgetPacked(backend);
      return work.run();
    };
    return timeOnDevice([anew], samplesOf(context));
  };
  for (const convolution of context.tiny ? CONVOLUTIONS.slice(0, 1) : CONVOLUTIONS) {
    const { works, dispose } = worksOf(convolution, context.tiny ? 1 : BATCH);
    const { kernel, from } = convolution;
    for (const work of works.filter(({ what }) => what.includes(context.only))) {
      const rateOf = ({ milliseconds }: { milliseconds: number }) => work.flops / milliseconds / 1e9;
      const stock = rateOf(await withStock(() => time(work)));
      for (const precision of ['fast', 'exact'] as const) {
        setPrecision(precision);
        const asked = precision === 'fast' && kernel === 3 && from > 3 ? { asked: ASKED } : {};
        const value = rateOf(await time(work));
        context.row({ what: `${work.what}, ${precision}`, value, unit: 'TFLOP/s', stock, ...asked });
      }
      setPrecision('fast');
    }
    dispose();
  }
}

function worksOf({ side, from, to, kernel, stride }: Convolution, batch: number): { works: Work[]; dispose(): void } {
  const inputShape: [number, number, number, number] = [batch, side, side, from];
  const filterShape: [number, number, number, number] = [kernel, kernel, from, to];
  const out = Math.ceil(side / stride);
  const x = tf.randomNormal<tf.Rank.R4>(inputShape);
  const filter = tf.randomNormal<tf.Rank.R4>(filterShape);
  const dy = tf.randomNormal<tf.Rank.R4>([batch, out, out, to]);
  const attrs = { strides: stride, pad: 'same', dataFormat: 'NHWC', dilations: 1, dimRoundingMode: undefined };
  const run = (name: string, inputs: tf.NamedTensorMap, more: object) => () =>
    tf.engine().runKernel(name, inputs, { ...attrs, ...more } as never) as tf.Tensor;
  const directions = {
    forward: run('Conv2D', { x, filter }, {}),
    'd input': run('Conv2DBackpropInput', { dy, filter }, { inputShape }),
    'd filter': run('Conv2DBackpropFilter', { x, dy }, { filterShape }),
  };
  const name = `conv ${kernel}x${kernel}${stride > 1 ? ` / ${stride}` : ''}, ${side}x${side}x${from} to ${to}`;
  const flops = 2 * batch * out * out * kernel * kernel * from * to;
  const alone = Object.entries(directions).map(([direction, work]) => {
    return { what: `${name}, ${direction}`, flops, run: work };
  });
  const together = { what: `${name}, all three`, flops: 3 * flops, run: () => alone.map((work) => work.run()) };
  return { works: [...alone, together], dispose: () => tf.dispose([x, filter, dy]) };
}
