// An engine whose calls are shared out over worker threads, in the memory that they all have.
import type { Worker } from 'node:worker_threads';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { createEngine, type Engine, FUNCTION_NAMES, memoryOf } from '../engine/engine.ts';
import { moduleFor } from '../engine/module.ts';
import { WasmError } from '../errors.ts';
import { CONTROL, LANE_PROGRAM } from './lanes-worker.ts';

/** Numbers of one job: the longest parameter list times the calls that are ever shared out at once. */
const MAX_NUMBERS = 1 << 16;
/** Rounds of busy waiting before a thread sleeps, some tens of microseconds. */
const SPINS = 20_000;
/** Work that takes about as long as waking a thread is not shared out. */
const WORTH_SHARING = 1 << 18;

export interface ThreadedEngine extends Engine {
  /** Resolves when every thread has started. To wait for one that never does would block this thread for ever. */
  ready: Promise<unknown>;
  close(): void;
}

/** Starts `lanes - 1` threads beside this one. */
export function threadedEngine(backend: BackendWasm, lanes: number, WorkerClass: typeof Worker): ThreadedEngine {
  const memory = memoryOf(backend);
  const module = new WebAssembly.Module(moduleFor(memory));
  const single = createEngine(backend, module);
  const control = new SharedArrayBuffer(4 * CONTROL.length);
  const parameters = new SharedArrayBuffer(8 * MAX_NUMBERS);
  const state = new Int32Array(control);
  const values = new Float64Array(parameters);
  const shared = { module, memory, control, parameters, names: FUNCTION_NAMES, lanes, spins: SPINS };
  const workers = Array.from({ length: lanes - 1 }, (_, i) => {
    return new WorkerClass(LANE_PROGRAM, { eval: true, workerData: { ...shared, lane: i + 1 } });
  });
  const started = (worker: Worker) =>
    new Promise<void>((resolve, reject) => {
      worker.once('error', reject);
      worker.once('online', () => {
        worker.off('error', reject);
        worker.unref(); // the program ends when its own work does
        resolve();
      });
    });

  function waitForLanes(): void {
    for (let spin = 0; spin < SPINS; spin++) if (Atomics.load(state, CONTROL.running) === 0) return;
    for (let running = Atomics.load(state, CONTROL.running); running > 0; ) {
      Atomics.wait(state, CONTROL.running, running);
      running = Atomics.load(state, CONTROL.running);
    }
  }

  return {
    ...single,
    isOutnumbered: false,
    ready: Promise.all(workers.map(started)),
    lanesFor: (operations) => (operations < WORTH_SHARING ? 1 : lanes),
    run(name, calls, wanted = lanes) {
      const arity = calls[0]?.length ?? 0;
      if (wanted < 2 || calls.length < 2 || calls.length * arity > MAX_NUMBERS) {
        single.run(name, calls);
        return;
      }
      for (const [i, call] of calls.entries()) values.set(call, i * arity);
      state[CONTROL.name] = FUNCTION_NAMES.indexOf(name);
      state[CONTROL.calls] = calls.length;
      state[CONTROL.arity] = arity;
      state[CONTROL.failed] = 0;
      Atomics.store(state, CONTROL.running, lanes - 1);
      Atomics.add(state, CONTROL.sequence, 1);
      Atomics.notify(state, CONTROL.sequence);
      const own = calls.filter((_, i) => i % lanes === 0);
      try {
        single.run(name, own);
      } finally {
        waitForLanes(); // before anybody frees what they work on
      }
      if (state[CONTROL.failed]) throw new WasmError('run', 'every thread must come to its end', name);
    },
    close() {
      for (const worker of workers) void worker.terminate();
    },
  };
}
