// Trials instead of a model: which tile a product runs fastest with on the GPU at hand.
import {
  backend as currentBackend,
  dispose,
  getBackend,
  type TensorContainer,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import { WebgpuError } from '../errors.ts';
import { type Backend, internalsOf } from '../gpu/backend.ts';
import { abilitiesOf } from '../gpu/device.ts';
import { recordingOn } from '../gpu/recordings.ts';
import { getPrecision } from '../precision.ts';
import { type Choice, candidatesOf, keyOf, type Sizes, settle } from './choose.ts';
import { deviceOf, multiplyAs, type Product, watchProducts } from './product.ts';
import { nameOf } from './tile.ts';

export interface TuneOptions {
  /** Ways to make a product that are tried, the one in use among them. Default 6. */
  candidates?: number;
  /** Milliseconds that a sample takes at least. Default 4. */
  atLeast?: number;
}

/** What was found out of products of one size. */
export interface TunedProduct {
  /** Of the first kernel that made one. */
  name: string;
  size: { batch: number; rows: number; inner: number; columns: number };
  /** The fastest way, and what was used before: tier, tile and parts of the inner axis. */
  best: string;
  before: string;
  /** Milliseconds of both. */
  ms: number;
  msBefore: number;
}

const NAME = 'tuneProducts';
const ROUNDS = 3;
/** Calls of a sample at most. */
const MOST = 64;
/** A way has to be so much faster than the one in use: less is noise. */
const MARGIN = 0.97;

/**
 * Runs `work` once, such as a training step, and then tries for each size of matrix product in it (convolutions are such) which
 * tile is fastest on this GPU. From then on it is used, by this device and in this program; steps that were captured before
 * are recorded anew. Tensors that `work` returns are disposed of. It takes a second or so for each size, most of it to compile.
 */
export async function tuneProducts(
  work: () => unknown,
  { candidates = 6, atLeast = 4 }: TuneOptions = {},
): Promise<TunedProduct[]> {
  if (!(Number.isInteger(candidates) && candidates >= 1)) {
    throw new WebgpuError(NAME, 'candidates must be a whole number >= 1', candidates);
  }
  if (!(atLeast >= 0)) throw new WebgpuError(NAME, 'atLeast must be a number of milliseconds', atLeast);
  if (getBackend() !== 'webgpu') throw new WebgpuError(NAME, "TF.js's backend must be webgpu", getBackend());
  const backend = internalsOf(currentBackend());
  if (recordingOn(backend)) throw new WebgpuError(NAME, 'products are tuned outside of a captured step', 'in one');
  const device = deviceOf(backend, abilitiesOf(backend.device));
  const precision = getPrecision();
  const met = new Map<string, { product: Product; sizes: Sizes }>();
  const watch = (product: Product, sizes: Sizes) => {
    const key = keyOf(sizes, precision, device);
    if (!met.has(key)) met.set(key, { product, sizes });
  };
  const result = watchProducts(watch, work);
  dispose(result as TensorContainer);
  const tuned: TunedProduct[] = [];
  for (const { product, sizes } of met.values()) {
    const choices = candidatesOf(sizes, precision, device, candidates);
    const times = await timesOf(backend, product, choices, atLeast);
    const least = times.indexOf(Math.min(...times));
    const best = times[least]! < MARGIN * times[0]! ? least : 0;
    settle(sizes, precision, device, choices[best]!);
    const { batch, rows, inner, columns } = sizes;
    tuned.push({
      name: product.name,
      size: { batch, rows, inner, columns },
      ...{ best: inWords(choices[best]!), before: inWords(choices[0]!) },
      ...{ ms: times[best]!, msBefore: times[0]! },
    });
  }
  return tuned;
}

const inWords = ({ tier, tile, parts }: Choice) => `${tier} ${nameOf(tile)}${parts > 1 ? ` in ${parts} parts` : ''}`;

/** The least of some rounds, for each; rivals in turn, because a GPU's clock changes. */
async function timesOf(backend: Backend, product: Product, choices: Choice[], atLeast: number): Promise<number[]> {
  const { own, release } = withOwnTensors(backend, product);
  const counts = choices.map(() => 1);
  const times = choices.map(() => Number.POSITIVE_INFINITY);
  try {
    for (let round = 0; round <= ROUNDS; round++) {
      for (const [i, choice] of choices.entries()) {
        const start = performance.now();
        for (let call = 0; call < counts[i]!; call++) {
          const made = multiplyAs(backend, own, choice);
          if (made !== own.output.into) backend.disposeData(made.dataId);
        }
        await done(backend);
        const ms = (performance.now() - start) / counts[i]!;
        // In the first round shaders are compiled, and scales are looked for.
        if (round > 0) times[i] = Math.min(times[i]!, ms);
        if (round === 1) counts[i] = Math.min(MOST, Math.max(1, Math.ceil(atLeast / ms)));
      }
    }
  } finally {
    release();
  }
  return times;
}

async function done(backend: Backend): Promise<void> {
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  backend.submitQueue();
  await backend.queue.onSubmittedWorkDone();
}

const BLOCK = 2 ** 14;

/** The same product of other numbers: those that `work` multiplied are gone. */
function withOwnTensors(backend: Backend, product: Product): { own: Product; release(): void } {
  const made = new Map<object, TensorInfo>();
  const like = ({ dataId, shape }: TensorInfo): TensorInfo => {
    const known = made.get(dataId);
    if (known) return known;
    const tensor = backend.makeTensorInfo(shape, 'float32');
    backend.tensorMap.get(tensor.dataId).values = noise(util.sizeFromShape(shape));
    made.set(dataId, tensor);
    return tensor;
  };
  const { a, b, output, epilogue } = product;
  const own: Product = {
    ...product,
    a: { ...a, tensor: like(a.tensor) },
    b: { ...b, tensor: like(b.tensor) },
    output: { ...output, ...(output.into && { into: like(output.into) }) },
    ...(epilogue && { epilogue: { ...epilogue, ...(epilogue.bias && { bias: like(epilogue.bias) }) } }),
  };
  return {
    own,
    release() {
      for (const { dataId } of made.values()) backend.disposeData(dataId);
    },
  };
}

/** Zeros would be multiplied faster than anything else. */
function noise(size: number): Float32Array {
  const values = new Float32Array(size);
  const block = values.subarray(0, Math.min(size, BLOCK));
  for (let i = 0; i < block.length; i++) block[i] = Math.sin(i * i);
  for (let at = block.length; at < size; at *= 2) values.copyWithin(at, 0, Math.min(at, size - at));
  return values;
}
