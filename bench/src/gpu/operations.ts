// Single operations of the network: its convolutions in all three directions, the DiffStride layer, and the chip's own limits.
import { diffStride2d } from '@stridelab/diffstride';
import * as tf from '@tensorflow/tfjs-core';
import { TILES } from '../../../packages/webgpu/src/gemm/tuning.ts';
import { abilitiesOf } from '../../../packages/webgpu/src/gpu/device.ts';
import { markdownTable, summarize } from '../harness.ts';
import { openGpu, packFrom, setPrecision, withStock } from './device.ts';
import { PRODUCT_HEADER, productRows, timeProducts } from './gemm.ts';
import { type DeviceTiming, timeOnDevice } from './replay.ts';
import type { Context, Section } from './section.ts';
import { RESNET_18, TINY, timeTrainOps, trainOpsTable } from './train-ops.ts';

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

type Direction = 'forward' | 'd input' | 'd filter';

/** A sample is at least so long, in milliseconds, that the clock's grain does not show. */
const SAMPLE_MS = 20;

/** Time of `work` on the device. Of what is in none of its dispatches, such as scales that are known already, nothing counts. */
async function deviceTime({ tiny }: Context, work: () => tf.Tensor | tf.Tensor[]): Promise<DeviceTiming> {
  const first = await timeOnDevice([work], { repeats: 1, rounds: 1 });
  if (tiny) return first;
  const repeats = Math.min(500, Math.max(2, Math.ceil(SAMPLE_MS / Math.max(first.milliseconds, 0.02))));
  return timeOnDevice([work], { repeats, rounds: 5 });
}

function workOf({ side, from, to, kernel, stride }: Convolution, batch: number) {
  const inputShape: [number, number, number, number] = [batch, side, side, from];
  const filterShape: [number, number, number, number] = [kernel, kernel, from, to];
  const out = Math.ceil(side / stride);
  const x = tf.randomNormal<tf.Rank.R4>(inputShape);
  const filter = tf.randomNormal<tf.Rank.R4>(filterShape);
  const dy = tf.randomNormal<tf.Rank.R4>([batch, out, out, to]);
  const attrs = { strides: stride, pad: 'same', dataFormat: 'NHWC', dilations: 1, dimRoundingMode: undefined };
  const run = (name: string, inputs: tf.NamedTensorMap, more: object) => () =>
    tf.engine().runKernel(name, inputs, { ...attrs, ...more } as never) as tf.Tensor;
  const directions: Record<Direction, () => tf.Tensor> = {
    forward: run('Conv2D', { x, filter }, {}),
    'd input': run('Conv2DBackpropInput', { dy, filter }, { inputShape }),
    'd filter': run('Conv2DBackpropFilter', { x, dy }, { filterShape }),
  };
  return {
    directions,
    flops: 2 * batch * out * out * kernel * kernel * from * to,
    dispose: () => tf.dispose([x, filter, dy]),
  };
}

async function convolutions(context: Context): Promise<void> {
  await openGpu();
  const batch = context.tiny ? 1 : BATCH;
  const chosen = context.tiny ? CONVOLUTIONS.slice(0, 1) : CONVOLUTIONS;
  for (const convolution of chosen) {
    const { directions, flops, dispose } = workOf(convolution, batch);
    const { side, from, to, kernel, stride } = convolution;
    for (const [direction, work] of Object.entries(directions)) {
      const own = `conv ${kernel}x${kernel}${stride > 1 ? ` / ${stride}` : ''}, ${side}x${side}x${from} to ${to}, ${direction}`;
      const rate = (ms: number) => flops / ms / 1e9;
      const slow = await withStock(() => deviceTime(context, work));
      for (const precision of ['fast', 'exact'] as const) {
        setPrecision(precision);
        const { milliseconds } = await deviceTime(context, work);
        const asked = precision === 'fast' && kernel === 3 && from > 3 ? { asked: ASKED } : {};
        context.row({
          what: `${own}, ${precision}`,
          value: rate(milliseconds),
          unit: 'TFLOP/s',
          stock: rate(slow.milliseconds),
          ...asked,
        });
      }
      setPrecision('fast');
    }
    dispose();
  }
}

/** As many elements as the peer's torch.fft form was timed with. */
async function layer(context: Context): Promise<void> {
  await openGpu();
  const shape: [number, number, number, number] = context.tiny ? [1, 16, 16, 4] : [128, 32, 32, 128];
  const x = tf.randomNormal<tf.Rank.R4>(shape);
  const strides = tf.tensor1d([2, 2]);
  const gradients = tf.grads((images, own) => diffStride2d(images as tf.Tensor4D, own as tf.Tensor1D));
  const forward = () => diffStride2d(x, strides);
  const dy = tf.tidy(() => tf.randomNormal(forward().shape));
  const what = `DiffStride [${shape.join(', ')}]`;
  const both = () => gradients([x, strides], dy);
  const stock = await withStock(() => deviceTime(context, both));
  const alone = await deviceTime(context, forward);
  const { milliseconds, dispatches } = await deviceTime(context, both);
  context.row({ what: `${what}, forward`, value: alone.milliseconds, unit: 'ms' });
  context.row({ what: `${what}, forward and backward: dispatches`, value: dispatches, unit: '' });
  const asked = "<= 0.6 ms, a quarter of torch.fft's 2.4";
  context.row({
    what: `${what}, forward and backward`,
    value: milliseconds,
    unit: 'ms',
    stock: stock.milliseconds,
    asked,
  });
  tf.dispose([x, strides, dy]);
}

/** What the chip can do at most, measured: bytes between two of its own buffers. */
async function limits(context: Context): Promise<void> {
  const { device, name } = await openGpu();
  context.line(`Device: ${name}`);
  context.line(`Features: ${[...device.features].sort().join(', ')}`);
  const { maxBufferSize, maxStorageBufferBindingSize, maxComputeWorkgroupStorageSize } = device.limits;
  const storageBuffers = device.limits.maxStorageBuffersPerShaderStage;
  context.line(
    `Limits: buffer ${maxBufferSize}, binding ${maxStorageBufferBindingSize}, workgroup storage ${maxComputeWorkgroupStorageSize}, storage buffers ${storageBuffers}`,
  );
  const { subgroupMatrixConfigs = [] } = device.adapterInfo as { subgroupMatrixConfigs?: Iterable<object> };
  context.line(`Matrix units: ${JSON.stringify([...subgroupMatrixConfigs])}`);
  const size = Math.min(context.tiny ? 2 ** 20 : 2 ** 31, maxBufferSize);
  const usage = GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const [from, to] = [device.createBuffer({ size, usage }), device.createBuffer({ size, usage })];
  const times: number[] = [];
  for (let i = 0; i < (context.tiny ? 2 : 12); i++) {
    const start = performance.now();
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(from, 0, to, 0, size);
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    if (i > 0) times.push(performance.now() - start);
  }
  from.destroy();
  to.destroy();
  const { median } = summarize(times);
  context.row({ what: 'copy within the GPU, read and written', value: (2 * size) / median / 1e6, unit: 'GB/s' });
}

/**
 * Every tile of the matrix products, to choose by; with `split`, those that make exact products of halves. Where packed
 * operands are on trial, the tiles of matrix units alone, with them and without.
 */
async function products(context: Context, split: boolean): Promise<void> {
  const { device } = await openGpu();
  const { tiny } = context;
  const packed = packFrom !== undefined && abilitiesOf(device).subgroupMatrix;
  const timings = await timeProducts({
    ...{ tiny, split, packed, only: tiny ? 'forward' : '' },
    ...(packed && { tiers: ['matrix'] as const, tiles: { matrix: TILES.matrix } }),
    ...(tiny ? { tiers: ['plain'], parts: [1], rounds: 1, atLeast: 0 } : { rounds: 3, atLeast: 5 }),
    // As they come: what the section has found when its time is up is printed all the same.
    seen: (timing) => console.log(productRows([timing])[0]!.join('  ')),
  });
  const title = `Matrix products by tier and tile${split ? ', with those of halves' : ''}${packed ? ', packed and not' : ''}`;
  context.line(`\n${title}:\n\n${markdownTable(PRODUCT_HEADER, productRows(timings))}`);
}

async function trainOps(context: Context): Promise<void> {
  await openGpu();
  const options = context.tiny ? { repeats: 1, rounds: 1, sets: 1 } : { repeats: 20, rounds: 5, sets: 4 };
  const rows = await timeTrainOps(context.tiny ? TINY : RESNET_18, options);
  context.line(`\nOperations of training that are no products, on the device:\n\n${trainOpsTable(rows)}`);
}

export const operationSections: readonly Section[] = [
  { name: 'limits', features: 'all', run: limits },
  { name: 'convolutions', features: 'all', run: convolutions },
  { name: 'layer', features: 'all', run: layer },
  { name: 'train-ops', features: 'all', run: trainOps },
  { name: 'products', features: 'all', long: true, run: (context) => products(context, false) },
  { name: 'products-split', features: 'all', long: true, run: (context) => products(context, true) },
];
