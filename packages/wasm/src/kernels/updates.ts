// Optimizer updates of all weights in one kernel, in place wherever nobody else holds the numbers.
import { KERNELS } from '@stridelab/train-ops';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';
import type { FunctionName } from '../engine/engine.ts';
import { split } from '../engine/split.ts';
import { bytesOf, floatsAt, type KernelCall, trainingKernel } from './kernel.ts';

interface Attrs {
  /** Unless it is an input. */
  learningRate?: number;
  weightDecay: number;
  decoupled: boolean;
  /** For every weight. */
  buckets: number[];
  decays: number[];
}

interface SgdAttrs extends Attrs {
  momentum: number;
  nesterov: boolean;
}

interface AdamAttrs extends Attrs {
  beta1: number;
  beta2: number;
  epsilon: number;
  /** Unless it is an input. */
  step?: number;
}

/** weight0 ..., gradient0 ..., velocity0 ... of each bucket -> the next weight0 ..., velocity0 ... */
export const sgdMomentumUpdate = trainingKernel<SgdAttrs, TensorInfo[]>(KERNELS.sgdMomentumUpdate, (call) => {
  const { momentum, nesterov } = call.attrs;
  return update(call, 'sgdMomentumUpdate', ['velocity'], [rateOf(call, 'learningRate'), momentum, Number(nesterov)]);
});

/** weight0 ..., gradient0 ..., moment10 ..., moment20 ... of each bucket -> the next weight0 ..., moment10 ..., moment20 ... */
export const adamUpdate = trainingKernel<AdamAttrs, TensorInfo[]>(KERNELS.adamUpdate, (call) => {
  const { beta1, beta2, epsilon } = call.attrs;
  const step = rateOf(call, 'step');
  // Moments start at zero: with c = 1 - beta^step, m / c1 / (sqrt(v / c2) + epsilon).
  const root = Math.sqrt(1 - beta2 ** step);
  const rate = (rateOf(call, 'learningRate') * root) / (1 - beta1 ** step);
  const numbers = [rate, beta1, beta2, 1 - beta1, 1 - beta2, epsilon * root];
  return update(call, 'adamUpdate', ['moment1', 'moment2'], numbers);
});

function rateOf<Name extends string>(
  { inputs, attrs, engine }: KernelCall<{ [name in Name]?: number }>,
  name: Name,
): number {
  const given = inputs[name] as TensorInfo | undefined;
  return given ? floatsAt(engine, engine.address(given), 1)[0]! : attrs[name]!;
}

/** Calls `name` with the numbers and with what decays of each weight. */
function update(call: KernelCall<Attrs>, name: FunctionName, slotNames: string[], numbers: number[]): TensorInfo[] {
  const { inputs, attrs, backend, engine } = call;
  const weights = numbered(inputs, 'weight');
  const next = weights.map((weight) => nextOf(backend, weight));
  const slots = slotNames.map((slot) => numbered(inputs, slot));
  const nextSlots = slots.map((tensors) => tensors.map((tensor) => nextOf(backend, tensor)));
  const rate = rateOf(call as KernelCall<{ learningRate?: number }>, 'learningRate');
  const ends = slots[0]!.map(() => 0); // of each bucket, so far
  const total = weights.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const lanes = engine.lanesFor(2 * numbers.length * total);
  const calls: number[][] = [];
  for (const [i, weight] of weights.entries()) {
    const bucket = attrs.buckets[i]!;
    const size = sizeOf(weight.shape);
    const begin = ends[bucket]!;
    ends[bucket] = begin + size;
    const decay = attrs.weightDecay * attrs.decays[i]!;
    const [l2, shrink] = attrs.decoupled ? [0, rate * decay] : [decay, 0];
    const addresses = [engine.address(weight), engine.address(inputs[`gradient${i}`] as TensorInfo)];
    for (const tensors of slots) addresses.push(engine.address(tensors[bucket]!) + bytesOf(begin));
    addresses.push(engine.address(next[i]!));
    for (const tensors of nextSlots) addresses.push(engine.address(tensors[bucket]!) + bytesOf(begin));
    for (const { start, count } of split(size, size > LARGE ? lanes : 1)) {
      calls.push([...addresses.map((address) => address + bytesOf(start)), count, ...numbers, l2, shrink]);
    }
  }
  engine.run(name, calls, lanes);
  return [...next, ...nextSlots.flat()];
}

/** Numbers from which a weight is shared out over all lanes. */
const LARGE = 4096;

const sizeOf = (shape: number[]) => shape.reduce((product, length) => product * length, 1);

function numbered(inputs: NamedTensorInfoMap, name: string): TensorInfo[] {
  const tensors: TensorInfo[] = [];
  for (let i = 0; inputs[name + i]; i++) tensors.push(inputs[name + i] as TensorInfo);
  return tensors;
}

/** Where the next values of a tensor go: over its own, unless others have them too. */
function nextOf(backend: BackendWasm, { dataId, shape, dtype }: TensorInfo): TensorInfo {
  backend.getMemoryOffset(dataId); // brings it here from another backend, together with how many refer to it
  if (backend.refCount(dataId) > 1) return backend.makeOutput(shape, dtype);
  backend.incRef(dataId);
  return { dataId, shape, dtype };
}
