// Trials instead of a model: which tile a product runs fastest with on the GPU at hand.
import {
  backend as currentBackend,
  dispose,
  getBackend,
  type TensorContainer,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import { type Dispatch, encode } from '../capture/commands.ts';
import { WebgpuError } from '../errors.ts';
import { type Backend, internalsOf } from '../gpu/backend.ts';
import { contentChanged } from '../gpu/contents.ts';
import { abilitiesOf } from '../gpu/device.ts';
import { output } from '../gpu/dispatch.ts';
import { recordingOn } from '../gpu/recordings.ts';
import { getPrecision } from '../precision.ts';
import { type Choice, candidatesOf, keyOf, type Sizes, settle } from './choose.ts';
import { deviceOf, multiplyAs, type Product, watchProducts } from './product.ts';
import { nameOf } from './tile.ts';

export interface TuneOptions {
  /** Ways to make a product that are tried, the one in use among them. Default 6. */
  candidates?: number;
  /** Milliseconds that a sample takes at least, unless 1000 runs of a product are over sooner. Default 4. */
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
/** Runs of a sample at most. */
const MOST = 1000;
/** A way has to be so much faster than the one in use: less is noise. */
const MARGIN = 0.97;

/**
 * Runs `work` once, such as a training step, and then tries for each size of matrix product in it (convolutions are such) which
 * tile is fastest on this GPU. From then on it is used, by this device and in this program; steps that were captured before
 * are recorded anew. Tensors that `work` returns are disposed of. It takes a second or so for each size, most of it to compile.
 * What `captureStep` made of a step makes no products any more once it is recorded: `work` is the step itself.
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
  if (util.isPromise(result)) {
    result.then((late) => dispose(late as TensorContainer)).catch(() => {});
    throw new WebgpuError(NAME, 'work must be done when it returns', result);
  }
  dispose(result as TensorContainer);
  await done(backend); // and no clock of tf.time runs any more
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
    for (const choice of choices) await sample(backend, own, choice, 1); // compiles
    for (let round = 0; round < ROUNDS; round++) {
      for (const [i, choice] of choices.entries()) {
        let ms = await sample(backend, own, choice, counts[i]!);
        while (counts[i]! * ms < atLeast && counts[i]! < MOST) {
          counts[i] = Math.min(MOST, Math.ceil(Math.max(2 * counts[i]!, atLeast / ms)));
          ms = await sample(backend, own, choice, counts[i]!);
        }
        times[i] = Math.min(times[i]!, ms);
      }
    }
  } finally {
    release();
  }
  return times;
}

/** Milliseconds of one of `runs` on the device; Infinity if that refuses them, which would be over soonest of all. */
async function sample(backend: Backend, product: Product, choice: Choice, runs: number): Promise<number> {
  let start = 0;
  const work = () => {
    const dispatches = dispatchesOf(backend, () => {
      // Nobody has looked for their scales: most products of a step are the first to read an operand, or the second.
      for (const { tensor } of [product.a, product.b]) contentChanged(backend, tensor.dataId);
      const made = multiplyAs(backend, product, choice);
      if (made !== product.output.into) backend.disposeData(made.dataId);
    });
    encode(Array.from({ length: runs }, () => dispatches).flat(), backend.commandEncoder!);
    start = performance.now();
    backend.submitQueue();
  };
  const [isTaken, end] = await Promise.all([takes(backend.device, work), done(backend)]);
  return isTaken ? (end - start) / runs : Number.POSITIVE_INFINITY;
}

/** What `work` would dispatch: JavaScript takes longer to ask for a small product than the device for making it. */
function dispatchesOf(backend: Backend, work: () => void): Dispatch[] {
  const dispatches: Dispatch[] = [];
  let pipeline: GPUComputePipeline;
  let bindGroup: GPUBindGroup;
  const pass = {
    setPipeline(next: GPUComputePipeline) {
      pipeline = next;
    },
    setBindGroup(_: number, next: GPUBindGroup) {
      bindGroup = next;
    },
    dispatchWorkgroups(x: number, y: number, z: number) {
      dispatches.push({ kind: 'dispatch', pipeline, bindGroup, x, y, z });
    },
    end() {},
  };
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  backend.computePassEncoder = pass as unknown as GPUComputePassEncoder;
  // Nothing is submitted in between: buffers of uniforms would be used again.
  backend.dispatchCountInPass = Number.NEGATIVE_INFINITY;
  try {
    work();
  } finally {
    backend.computePassEncoder = null;
    backend.dispatchCountInPass = 0;
  }
  return dispatches;
}

const COMPLAINTS = ['validation', 'internal'] as const;

/** Whether the device takes all that `work` hands it. */
async function takes(device: GPUDevice, work: () => void): Promise<boolean> {
  for (const kind of COMPLAINTS) device.pushErrorScope(kind);
  let errors: Promise<(GPUError | null)[]>;
  try {
    work();
  } finally {
    // A lost device may reject this, and has its own error.
    errors = Promise.all(COMPLAINTS.map(() => device.popErrorScope())).catch(() => []);
  }
  return (await errors).every((error) => !error);
}

/** The time when the device has done what it was given. A read hears of it, of lost devices and of a lack of memory. */
async function done(backend: Backend): Promise<number> {
  const { dataId } = output(backend, [1]);
  try {
    await backend.read(dataId);
    return performance.now();
  } finally {
    backend.disposeData(dataId);
  }
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
    backend.uploadToGPU(tensor.dataId);
    return tensor;
  };
  const { a, b, output: to, epilogue } = product;
  const own: Product = {
    ...product,
    a: { ...a, tensor: like(a.tensor) },
    b: { ...b, tensor: like(b.tensor) },
    output: { ...to, ...(to.into && { into: like(to.into) }) },
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
