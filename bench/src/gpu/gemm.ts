// Every tier and tile of the matrix products of @stridelab/webgpu, on the convolutions of ResNet-18 and what spectral layers
// multiply: what its choice is tuned by. Each result is compared with that of the plain tier.
import * as tf from '@tensorflow/tfjs-core';
import { type Choice, force } from '../../../packages/webgpu/src/gemm/choose.ts';
import { forgetPacked } from '../../../packages/webgpu/src/gemm/packed.ts';
import { forgetScales } from '../../../packages/webgpu/src/gemm/scale.ts';
import {
  bytesOf,
  COMMON_UNITS,
  isMatrix,
  nameOf,
  type Tier,
  type Tile,
  threadsOf,
} from '../../../packages/webgpu/src/gemm/tile.ts';
import { TILES, TRIALS } from '../../../packages/webgpu/src/gemm/tuning.ts';
import { internalsOf } from '../../../packages/webgpu/src/gpu/backend.ts';
import { abilitiesOf, type MatrixUnits } from '../../../packages/webgpu/src/gpu/device.ts';
import { registerWebgpuTraining } from '../../../packages/webgpu/src/training.ts';
import { tapsInside } from './device.ts';
import { record, replayTime } from './replay.ts';

export interface ProductTiming {
  what: string;
  tier: Tier;
  tile: string;
  parts: number;
  split: boolean;
  /** Operands are packed in float16 ahead, where they lie so that they can be. */
  packed: boolean;
  /** Of the product alone, and with the search for scales and the packing that it needs. */
  ms: number;
  msWithScales: number;
  /** Of the product alone. */
  tflops: number;
  /** Relative L2 distance from the plain tier's result. */
  error: number;
  /** What would be chosen without a choice forced. */
  chosen: boolean;
}

export interface TimeProductsOptions {
  /** Small shapes that show that it works. */
  tiny?: boolean;
  /** Default: what the device has. */
  tiers?: readonly Tier[];
  /** Default: all that the device has room for. */
  tiles?: Partial<Record<Tier, readonly Tile[]>>;
  /** Only names that contain this. */
  only?: string;
  /** Parts of the inner axis to try, where it may be cut. Default: a few for gradients of filters, whose results are small. */
  parts?: readonly number[];
  /** Two float16 of each number as well, on matrix units. Default false. */
  split?: boolean;
  /** Operands packed in float16 as well, on matrix units. Default false. */
  packed?: boolean;
  rounds?: number;
  /** Milliseconds of a sample at least. */
  atLeast?: number;
  seen?(timing: ProductTiming): void;
}

interface Work {
  what: string;
  flops: number;
  parts: readonly number[];
  run(): tf.Tensor;
  dispose(): void;
}

/** Times every product on the current webgpu backend. */
export async function timeProducts(options: TimeProductsOptions = {}): Promise<ProductTiming[]> {
  registerWebgpuTraining();
  const timings: ProductTiming[] = [];
  for (const make of worksOf(options.tiny ?? false)) {
    const work = make();
    if (work.what.includes(options.only ?? '')) timings.push(...(await timeWork(work, options)));
    work.dispose();
  }
  return timings;
}

async function timeWork(work: Work, options: TimeProductsOptions): Promise<ProductTiming[]> {
  const { rounds = 5, atLeast = 10, seen } = options;
  const backend = internalsOf(tf.backend());
  const { device } = backend;
  const { subgroups, matrixUnits } = abilitiesOf(device);
  const tiers = options.tiers ?? [
    ...(matrixUnits ? (['matrix'] as const) : []),
    ...(subgroups ? (['subgroups'] as const) : []),
    'plain',
  ];
  force({ tier: 'plain', parts: 1 });
  const reference = await read(work.run());
  force({});
  const usual = labelsOf(work);
  const timings: ProductTiming[] = [];
  const own = matrixUnits ?? COMMON_UNITS;
  for (const choice of choicesOf(tiers, own, { ...options, parts: options.parts ?? work.parts })) {
    const { tier, tile, parts, split, packFrom } = choice;
    const packed = packFrom === 0;
    if (!fits(device, choice)) continue;
    force(choice);
    forgetScales(backend);
    forgetPacked(backend);
    let result: tf.Tensor | undefined;
    const all = record(() => {
      result = work.run();
    });
    const error = distance(await read(result!), reference);
    const product = all.filter(({ pipeline }) => !PREPARES.test(pipeline.label));
    const divided = product.some(({ pipeline }) => pipeline.label.startsWith('StridelabSumParts'));
    const packs = all.some(({ pipeline }) => pipeline.label.startsWith('StridelabPack'));
    if (divided === parts > 1 && packs === packed) {
      const ms = await replayTime(device, product, { rounds, atLeast });
      const msWithScales = product.length < all.length ? await replayTime(device, all, { rounds, atLeast }) : ms;
      const labels = product.map(({ pipeline }) => pipeline.label).join();
      const chosen = labels === usual.labels && product[0]!.workgroups.join() === usual.workgroups;
      const timing = {
        what: work.what,
        tier,
        tile: nameOf(tile),
        parts,
        split,
        packed,
        ms,
        msWithScales,
        error,
        chosen,
      };
      timings.push({ ...timing, tflops: work.flops / ms / 1e9 });
      seen?.(timings.at(-1)!);
    }
    force({});
  }
  return timings;
}

/** What products have done to their operands before. */
const PREPARES = /^Stridelab(Largest|Pack)/;

function* choicesOf(tiers: readonly Tier[], units: MatrixUnits, options: TimeProductsOptions): Generator<Choice> {
  for (const tier of tiers) {
    const tiles = options.tiles?.[tier] ?? [...TILES[tier], ...(tier === 'matrix' ? TRIALS : [])];
    for (const tile of tiles) {
      const matrixUnits = tier === 'matrix' ? units : COMMON_UNITS;
      const form = { tier, tile, matrixUnits, split: false, packFrom: Number.POSITIVE_INFINITY, tapsInside };
      const forms = [form];
      if (isMatrix(tier) && options.split) forms.push({ ...form, split: true });
      if (isMatrix(tier) && options.packed) forms.push({ ...form, packFrom: 0 });
      for (const one of forms) {
        for (const parts of options.parts ?? [1]) yield { ...one, parts };
      }
    }
  }
}

/** By the layouts that need the most. */
function fits(device: GPUDevice, { tier, tile, matrixUnits, split }: Choice): boolean {
  const { maxComputeWorkgroupStorageSize, maxComputeInvocationsPerWorkgroup } = device.limits;
  const bytes = bytesOf(tier, tile, { a: 'inner', b: 'inner', split }, matrixUnits);
  return (
    bytes <= maxComputeWorkgroupStorageSize && threadsOf(tier, tile, matrixUnits) <= maxComputeInvocationsPerWorkgroup
  );
}

/** What is dispatched when nothing is forced. */
function labelsOf({ run }: Work): { labels: string; workgroups: string } {
  const all = record(() => run().dispose());
  const product = all.filter(({ pipeline }) => !PREPARES.test(pipeline.label));
  return { labels: product.map(({ pipeline }) => pipeline.label).join(), workgroups: product[0]!.workgroups.join() };
}

async function read(tensor: tf.Tensor): Promise<Float32Array> {
  const values = await tensor.data<'float32'>();
  tensor.dispose();
  return values;
}

function distance(actual: Float32Array, expected: Float32Array): number {
  let [difference, norm] = [0, 0];
  for (const [i, value] of expected.entries()) {
    difference += (actual[i]! - value) ** 2;
    norm += value ** 2;
  }
  return Math.sqrt(difference / norm);
}

/** Made one by one, because together they are large. */
function worksOf(tiny: boolean): (() => Work)[] {
  const convolutions = tiny
    ? [[4, 4, 8]]
    : [
        [32, 64, 64],
        [24, 128, 128],
        [16, 256, 256],
        [8, 512, 512],
        [32, 3, 64],
      ];
  const directions = ['forward', 'd input', 'd filter'] as const;
  const batch = tiny ? 1 : 128;
  return [
    ...convolutions.flatMap(([side, from, to]) =>
      directions.map((direction) => () => convolution(batch, side!, from!, to!, direction)),
    ),
    () => convolution(batch, tiny ? 4 : 32, tiny ? 4 : 64, tiny ? 4 : 128, 'd input', 2),
    () => matMul(tiny ? [1, 8, 8] : [1, 4096, 4096], tiny ? [1, 8, 8] : [1, 4096, 4096]),
    // A spectral layer from 32 x 32 to 24 x 24 of 128 channels: the height, then the width.
    () => matMul(tiny ? [1, 3, 4] : [1, 24, 32], tiny ? [2, 4, 16] : [128, 32, 32 * 128]),
    () => matMul(tiny ? [1, 3, 4] : [1, 24, 32], tiny ? [4, 4, 4] : [128 * 24, 32, 128]),
  ];
}

function convolution(
  batch: number,
  side: number,
  from: number,
  to: number,
  direction: 'forward' | 'd input' | 'd filter',
  strides = 1,
): Work {
  const out = Math.ceil(side / strides);
  const inputShape = [batch, side, side, from];
  const filterShape = [3, 3, from, to];
  const [x, dy, filter] = [
    tf.randomNormal(inputShape),
    tf.randomNormal([batch, out, out, to]),
    tf.randomNormal(filterShape),
  ];
  const attrs = { strides, pad: 'same', dataFormat: 'NHWC', inputShape, filterShape };
  const [kernel, inputs] = {
    forward: [tf.Conv2D, { x, filter }] as const,
    'd input': [tf.Conv2DBackpropInput, { dy, filter }] as const,
    'd filter': [tf.Conv2DBackpropFilter, { x, dy }] as const,
  }[direction];
  return {
    what: `${side}x${side}x${from} to ${to}${strides > 1 ? ` / ${strides}` : ''}, ${direction}`,
    flops: 2 * batch * out * out * 9 * from * to,
    parts: direction === 'd filter' ? [4, 16, 32, 64, 128] : [1],
    run: () => tf.engine().runKernel(kernel, inputs as never, attrs as never) as tf.Tensor,
    dispose: () => tf.dispose([x, dy, filter]),
  };
}

function matMul(aShape: [number, number, number], bShape: [number, number, number]): Work {
  const [a, b] = [tf.randomNormal<tf.Rank.R3>(aShape), tf.randomNormal<tf.Rank.R3>(bShape)];
  return {
    what: `[${aShape}] x [${bShape}]`,
    flops: 2 * Math.max(aShape[0], bShape[0]) * aShape[1] * aShape[2] * bShape[2],
    parts: [1],
    run: () => tf.matMul(a, b),
    dispose: () => tf.dispose([a, b]),
  };
}

/** Rows of a table: fastest first for each product. */
export function productRows(timings: readonly ProductTiming[]): string[][] {
  const order = new Map([...new Set(timings.map(({ what }) => what))].map((what, i) => [what, i]));
  return timings
    .toSorted((p, q) => order.get(p.what)! - order.get(q.what)! || p.ms - q.ms)
    .map(({ what, tier, tile, parts, split, packed, ms, msWithScales, tflops, error, chosen }) => [
      ...[what, `${tier}${split ? ', split' : ''}${packed ? ', packed' : ''}`, tile, `${parts}`],
      ...[ms.toFixed(4), msWithScales.toFixed(4), tflops.toFixed(1), error.toExponential(1), chosen ? 'chosen' : ''],
    ]);
}

export const PRODUCT_HEADER = ['product', 'tier', 'tile', 'parts', 'ms', 'with scales', 'TFLOP/s', 'error', ''];
