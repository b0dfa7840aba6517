// Single operations of the network, every tile of its products, and the chip's own limits.
import { diffStride2d } from '@stridelab/diffstride';
import * as tf from '@tensorflow/tfjs-core';
import { TILES } from '../../../packages/webgpu/src/gemm/tuning.ts';
import { abilitiesOf } from '../../../packages/webgpu/src/gpu/device.ts';
import { markdownTable, summarize } from '../harness.ts';
import { convolutions } from './convolutions.ts';
import { openGpu, packFrom, withStock } from './device.ts';
import { PRODUCT_HEADER, productRows, timeProducts } from './gemm.ts';
import { timeOnDevice } from './replay.ts';
import { type Context, type Section, samplesOf } from './section.ts';
import { RESNET_18, TINY, timeTrainOps, trainOpsTable } from './train-ops.ts';

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
  const stock = await withStock(() => timeOnDevice([both], samplesOf(context)));
  const alone = await timeOnDevice([forward], samplesOf(context));
  const { milliseconds, dispatches } = await timeOnDevice([both], samplesOf(context));
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

interface UnitsInfo {
  subgroupMatrixConfigs?: Iterable<Record<'componentType' | 'resultComponentType' | 'M' | 'N' | 'K', string | number>>;
  subgroupMinSize?: number;
  subgroupMaxSize?: number;
}

function matrixUnits(device: GPUDevice): string[] {
  const { subgroupMatrixConfigs = [], subgroupMinSize, subgroupMaxSize } = device.adapterInfo as UnitsInfo;
  const sizes = [...subgroupMatrixConfigs].map(
    ({ componentType, resultComponentType, M, N, K }) => `${componentType} to ${resultComponentType} ${M}x${N}x${K}`,
  );
  return sizes.length > 0 ? [...sizes, `subgroups of ${subgroupMinSize} to ${subgroupMaxSize}`] : [];
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
  context.line(`Matrix units: ${matrixUnits(device).join(', ') || 'none'}`);
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
  const { tiny, only } = context;
  const packed = packFrom !== undefined && abilitiesOf(device).matrixUnits !== undefined;
  const timings = await timeProducts({
    ...{ tiny, split, packed, only: only || (tiny ? 'forward' : '') },
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
  const sets = context.tiny ? 1 : 4;
  const rows = await timeTrainOps(context.tiny ? TINY : RESNET_18, { ...samplesOf(context), sets });
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
