// What callers of this package see and hand in, in Node and in browsers alike.
import type { DeviceLostError } from './errors.ts';

/**
 * `node-gpu` and `node` are TensorFlow's own library, `webgpu` and `webgl` a GPU, `wasm` and `cpu` the processor.
 * A name that ends in `-software` is a GPU's interface drawn by the processor (SwiftShader, llvmpipe): slow, for tests.
 */
export type BackendName =
  | 'node-gpu'
  | 'webgpu'
  | 'node'
  | 'webgl'
  | 'wasm'
  | 'cpu'
  | 'webgpu-software'
  | 'webgl-software';

/**
 * `float32` keeps all numbers in float32, and lets the matrix units of a GPU multiply them as TF32 does, by 11 bits. `exact` keeps
 * float32's accuracy in products too. `float16` lets a backend compute in half where it can.
 */
export type Precision = 'float32' | 'exact' | 'float16';

/** A backend that was tried and not taken, or that was taken and lacks something. */
export interface Notice {
  backend: BackendName;
  reason: string;
  /** What a person can do about it. */
  mend?: string;
}

/** Why a backend is as it is. Everything but `ready` has a reason in words beside it. */
export type BackendState =
  | 'ready'
  | 'wrong-platform'
  | 'not-installed'
  | 'no-native-addon'
  | 'broken-addon'
  | 'no-cuda-libraries'
  | 'no-gpu'
  | 'software-only'
  | 'crashed'
  | 'hung'
  | 'failed';

export interface BackendReport {
  name: BackendName;
  ready: boolean;
  state: BackendState;
  /** For people: `NVIDIA H200 through WebGPU (Vulkan)`. Only where the backend is ready. */
  device?: string;
  /** Only where it is not. */
  reason?: string;
  mend?: string;
}

export interface ExamineOptions {
  /** In Node: milliseconds that a native library may take to answer before it counts as hung. Default 60 000. */
  timeout?: number;
  /**
   * In a browser: the folder that serves the `.wasm` files of `@tensorflow/tfjs-backend-wasm`, with its last slash; or the address
   * of each file by its name, as a bundler gives it.
   */
  wasmPath?: string | Readonly<Record<string, string>>;
}

export interface OpenOptions extends ExamineOptions {
  /** The only backends that will do, best first. Without it, the best of this machine. */
  prefer?: readonly BackendName[];
  precision?: Precision;
  /**
   * Default true: on WebGPU every index of every shader is kept within its buffer, as in every browser. In Node, with false,
   * nothing does that, which is faster; a few of TF.js's kernels then read past the end.
   */
  boundsChecks?: boolean;
  /** On WebAssembly: threads that work at once. Default: as many as the system says is sensible; in a page, TF.js's own choice. */
  threads?: number;
  /** Hears of each backend that was tried and not taken, and why. */
  onNotice?: (notice: Notice) => void;
}

/** An open backend, current in TF.js. */
export interface OpenedBackend {
  readonly name: BackendName;
  /** For people: `CPU through WebAssembly SIMD`. */
  readonly device: string;
  /** Everything that `onNotice` heard when it was opened. */
  readonly notes: readonly Notice[];
  /** TF.js's own name of it, as `tf.getBackend()` says it. */
  readonly tfBackend: string;
  /** What it computes in. */
  readonly precision: Precision;
  /** Resolves when the device is lost, `dispose()` included; pending for ever on a backend that cannot lose one. */
  readonly lost: Promise<DeviceLostError>;
  /**
   * The result of `work`, or a `DeviceLostError` as soon as the device is lost. Reading a tensor
   * (`await tensor.data()`) is guarded without this.
   */
  guard<T>(work: PromiseLike<T> | (() => T | PromiseLike<T>)): Promise<T>;
  /** Gives the device back. Tensors on it are gone; the process can end. */
  dispose(): Promise<void>;
}
