// All cores, in Node. TF.js has a WebAssembly build with threads, and starts it in browsers alone.
import type { Worker } from 'node:worker_threads';
import { areOptions } from '@stridelab/errors';
import { BackendWasm, setThreadsCount } from '@tensorflow/tfjs-backend-wasm';
import { findBackendFactory, registerBackend, removeBackend, setBackend } from '@tensorflow/tfjs-core';
import { type Engine, memoryOf } from './engine/engine.ts';
import { adoptEngine } from './engine/engine-of.ts';
import { compiledFor } from './engine/module.ts';
import { threadedEngine } from './engine/threaded-engine.ts';
import { WasmError } from './errors.ts';
import { noteListeners } from './node/keep-listeners.ts';
import { nodeLanes } from './node/node-lane.ts';
import { loadThreadedModule, trimPool } from './node/threaded-module.ts';

export { WasmError } from './errors.ts';

export interface ThreadedBackendOptions {
  /** Threads that work at once, the program's own included. Default: as many as the system says is sensible. */
  threads?: number;
}

/**
 * Makes a wasm backend that uses several cores the current one, in the place of TF.js's own 'wasm' backend.
 * Tensors of an earlier wasm backend are gone. Resolves to the number of threads.
 */
export async function openThreadedBackend(options: ThreadedBackendOptions = {}): Promise<number> {
  // A number in the place of options would open all cores.
  if (!areOptions(options, ['threads'])) {
    throw new WasmError('openThreadedBackend', 'options must be some of {threads}', options);
  }
  const { threads } = options;
  const count = threads ?? (await import('node:os')).availableParallelism();
  if (!Number.isInteger(count) || count < 1) {
    throw new WasmError('openThreadedBackend', 'threads must be a whole number >= 1', threads);
  }
  const { Worker: WorkerClass } = await import('node:worker_threads');
  const module = await loadThreadedModule(count);
  setThreadsCount(count);
  // Not in the factory: TF.js would print what it throws and keep it, when the backend before is gone already.
  const backend = new ThreadedBackend(module, count, WorkerClass);
  try {
    await backend.ready();
  } catch (error) {
    backend.dispose();
    throw error;
  }
  const restoreListeners = noteListeners();
  if (findBackendFactory('wasm')) removeBackend('wasm');
  restoreListeners();
  registerBackend('wasm', () => {
    // After tf.engine().reset(), which keeps what makes a backend.
    if (backend.isDisposed)
      throw new WasmError('openThreadedBackend', 'call it again: the backend has been', 'disposed');
    return backend;
  });
  await setBackend('wasm');
  return count;
}

class ThreadedBackend extends BackendWasm {
  readonly #engine: Engine;

  constructor(module: BackendWasm['wasm'], threads: number, WorkerClass: typeof Worker) {
    super(module);
    trimPool(module);
    const program = compiledFor(memoryOf(this));
    this.#engine = threadedEngine(this, program, threads, nodeLanes(WorkerClass));
    adoptEngine(this, this.#engine);
  }

  async ready(): Promise<void> {
    await this.#engine.ready;
  }

  get isDisposed(): boolean {
    return this.wasm === null;
  }

  override dispose(): void {
    if (this.isDisposed) return;
    const restoreListeners = noteListeners();
    this.#engine.close();
    super.dispose();
    restoreListeners();
  }
}
