// What a kernel of this package is.
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { type NamedAttrMap, type NamedTensorInfoMap, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Engine, FunctionName } from '../engine/engine.ts';
import { split } from '../engine/split.ts';

/** One call of a kernel, as TF.js makes it. */
export interface KernelCall<Attrs = NamedAttrMap> {
  inputs: NamedTensorInfoMap;
  attrs: Attrs;
  backend: BackendWasm;
  engine: Engine;
  /** Runs TF.js's own kernel of this name on the same arguments, or with other attributes; an error where it has none. */
  original(attrs?: object): TensorInfo;
}

export interface TrainingKernel {
  /** TF.js's name of the operation. */
  kernelName: string;
  run(call: KernelCall): TensorInfo | TensorInfo[];
}

/** Lets a kernel name its attributes' type; TF.js hands them over untyped. */
export function trainingKernel<Attrs extends object, Result extends TensorInfo | TensorInfo[] = TensorInfo>(
  kernelName: string,
  run: (call: KernelCall<Attrs>) => Result,
): TrainingKernel {
  return { kernelName, run: (call) => run(call as unknown as KernelCall<Attrs>) };
}

/** Whether its values have 4 bytes each, which can be moved whatever they mean. */
export const isWords = ({ dtype }: TensorInfo) => dtype === 'float32' || dtype === 'int32';

/** Bytes of `count` float32 or int32 values. */
export const bytesOf = (count: number) => 4 * count;

/** The least multiple of `step` that is no less than `count`. */
export const roundUp = (count: number, step: number) => Math.ceil(count / step) * step;

/**
 * Has a function go through tensors of one size, value by value: it is given where they lie, how many values there are, and what
 * else it takes.
 */
export function throughAll(engine: Engine, name: FunctionName, tensors: TensorInfo[], ...more: number[]): void {
  const size = util.sizeFromShape(tensors[0]!.shape);
  const calls = split(size, engine.lanesFor(size)).map(({ start, count }) => [
    ...tensors.map((tensor) => engine.address(tensor) + start * util.bytesPerElement(tensor.dtype)),
    ...[count, ...more],
  ]);
  engine.run(name, calls);
}

/** Runs `work` with whole numbers in memory; there is nothing at the address where there are none. */
export function withWords<Result>(engine: Engine, words: number[], work: (address: number) => Result): Result {
  if (words.length === 0) return work(0);
  const bytes = bytesOf(words.length);
  return engine.withScratch(bytes, (at) => {
    engine.bytes(at, bytes).set(new Uint8Array(Int32Array.from(words).buffer));
    return work(at);
  });
}

/** Sets all values of a tensor to zero. */
export function fillZeros(backend: BackendWasm, tensor: TensorInfo): void {
  backend.typedArrayFromHeap(tensor).fill(0);
}

/** float32 values at an address, until the memory grows. */
export function floatsAt(engine: Engine, address: number, count: number): Float32Array {
  const bytes = engine.bytes(address, bytesOf(count));
  return new Float32Array(bytes.buffer, bytes.byteOffset, count);
}

/** How many rows an array (..., channels) has. */
export function rowsOf({ shape }: TensorInfo): number {
  return shape.slice(0, -1).reduce((product, length) => product * length, 1);
}
