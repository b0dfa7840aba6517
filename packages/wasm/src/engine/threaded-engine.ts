// An engine whose calls are shared out over threads, in the memory that they all have.
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { WasmError } from '../errors.ts';
import { createEngine, type Engine, FUNCTION_NAMES, memoryOf } from './engine.ts';
import { CONTROL, type StartLane } from './lane.ts';

/** Numbers of one job: the longest parameter list times the calls that are ever shared out at once. */
const MAX_NUMBERS = 1 << 16;
/** Rounds of busy waiting before a thread sleeps, some tens of microseconds. */
const SPINS = 20_000;
/** Work that takes about as long as waking a thread is not shared out. */
const WORTH_SHARING = 1 << 18;

/** Starts `wanted - 1` threads beside this one. */
export function threadedEngine(
  backend: BackendWasm,
  module: WebAssembly.Module,
  wanted: number,
  startLane: StartLane,
): Engine {
  const memory = memoryOf(backend);
  const single = createEngine(backend, module);
  const control = new SharedArrayBuffer(4 * CONTROL.length);
  const parameters = new SharedArrayBuffer(8 * MAX_NUMBERS);
  const state = new Int32Array(control);
  const values = new Float64Array(parameters);
  const shared = { module, memory, control, parameters, names: FUNCTION_NAMES, lanes: wanted, spins: SPINS };
  const others = Array.from({ length: wanted - 1 }, (_, i) => startLane({ ...shared, lane: i + 1 }));
  // One that never starts would be waited for without end.
  let lanes = 1;
  const ready = Promise.all(others.map(({ started }) => started)).then(() => {
    lanes = wanted;
  });
  const maySleep = threadMaySleep();

  function waitForLanes(): void {
    for (let spin = 0; spin < SPINS || !maySleep; spin++) if (Atomics.load(state, CONTROL.running) === 0) return;
    for (let running = Atomics.load(state, CONTROL.running); running > 0; ) {
      Atomics.wait(state, CONTROL.running, running);
      running = Atomics.load(state, CONTROL.running);
    }
  }

  return {
    ...single,
    ready,
    lanesFor: (operations) => (operations < WORTH_SHARING ? 1 : lanes),
    run(name, calls, most = lanes) {
      const arity = calls[0]?.length ?? 0;
      if (most < 2 || calls.length < 2 || calls.length * arity > MAX_NUMBERS) {
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
      for (const lane of others) void lane.terminate();
    },
  };
}

/** A page's own thread may not. */
function threadMaySleep(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0);
    return true;
  } catch {
    return false;
  }
}
