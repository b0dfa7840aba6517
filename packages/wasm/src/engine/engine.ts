// Our own WebAssembly functions, working in the memory of TF.js's module.
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { WasmError } from '../errors.ts';

/** What assembly/index.ts exports; the parameters are named there. */
export const FUNCTION_NAMES = [
  'adamUpdate',
  'addRuns',
  'avgPoolBackprop',
  'batchNorm',
  'batchNormStats',
  'batchNormSums',
  'batchNormTrainGrad',
  'chainProducts',
  'clipGradient',
  'convBackpropFilter',
  'convBackpropInput',
  'convolve',
  'copyPart',
  'copyRuns',
  'depthwiseBackprop',
  'dropout',
  'elementWise',
  'gatherRuns',
  'leakyGradient',
  'matMul',
  'maxPoolBackprop',
  'reverseRuns',
  'select',
  'sgdMomentumUpdate',
  'softmaxCrossEntropy',
  'packFilter',
  'packFlippedFilter',
  'productChain',
  'sumRows',
  'sumSegments',
  'tile',
  'toFloats',
  'transpose',
  'unary',
  'winograd',
  'winogradBackpropFilter',
  'winogradFilter',
  'winogradFilterGradient',
] as const;

export type FunctionName = (typeof FUNCTION_NAMES)[number];

type Functions = Record<FunctionName, (...parameters: number[]) => number | undefined>;

/** The parts of TF.js's Emscripten module that are used here, which its types leave out. */
interface EmscriptenModule {
  tfjs: { getThreadsCount(): number };
  _malloc(bytes: number): number;
  _free(address: number): void;
  /** Exports of the builds without threads. */
  asm?: { memory?: WebAssembly.Memory };
  /** The build with threads is given its memory. */
  wasmMemory?: WebAssembly.Memory;
}

export interface Engine {
  /** Into how many lanes work of about so many multiplications or additions should be split. */
  lanesFor(operations: number): number;
  /**
   * Calls one function once for each list of arguments. Call i is made by lane i % lanes, and those of one lane one after
   * another; calls of different lanes must not depend on each other. Without `lanes`, no call depends on another.
   */
  run(name: FunctionName, calls: number[][], lanes?: number): void;
  /** Where a tensor's values lie, in bytes. */
  address(tensor: TensorInfo): number;
  /** The bytes at an address, until the memory grows. */
  bytes(address: number, count: number): Uint8Array;
  /** Runs `work` with `bytes` bytes of memory that are free again afterwards. */
  withScratch<Result>(bytes: number, work: (address: number) => Result): Result;
  /** Resolves once its threads take work; until then this one works alone. */
  ready: Promise<unknown>;
  /** Ends its threads, if it has any. */
  close(): void;
}

/** An engine that uses this thread alone. */
export function createEngine(backend: BackendWasm, module: WebAssembly.Module): Engine {
  const memory = memoryOf(backend);
  const heap = emscriptenModule(backend);
  const functions = new WebAssembly.Instance(module, { env: { memory } }).exports as Functions;
  return {
    ready: Promise.resolve(),
    lanesFor: () => 1,
    run(name, calls) {
      for (const parameters of calls) functions[name](...parameters);
    },
    address: ({ dataId }) => backend.getMemoryOffset(dataId),
    bytes: (address, count) => new Uint8Array(memory.buffer, address, count),
    withScratch(bytes, work) {
      // Blocks come aligned to 8 bytes. An address above 2 GiB comes as a negative number; a block of that size would be
      // taken for one of a negative size.
      const address = bytes < 2 ** 31 ? heap._malloc(bytes) >>> 0 : 0;
      if (address === 0) throw new WasmError('withScratch', 'memory of the backend is exhausted, in bytes', bytes);
      try {
        return work(address);
      } finally {
        heap._free(address);
      }
    },
    close() {},
  };
}

const emscriptenModule = (backend: BackendWasm) => backend.wasm as unknown as EmscriptenModule;

/** How many threads TF.js's own kernels have. */
export const threadsOf = (backend: BackendWasm) => emscriptenModule(backend).tfjs.getThreadsCount();

export function memoryOf(backend: BackendWasm): WebAssembly.Memory {
  const module = emscriptenModule(backend);
  const memory = module.wasmMemory ?? module.asm?.memory;
  if (!memory) throw new WasmError('engineOf', 'the backend must be of tfjs-backend-wasm 4.22', Object.keys(module));
  return memory;
}
