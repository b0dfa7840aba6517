// A thread beside the program's own: waits for a job, makes its own calls of it, says that it is done.

/**
 * Places of the numbers that the threads share. `control` is int32, `parameters` float64: byte offsets are exact there,
 * and so are all other whole numbers.
 */
export const CONTROL = { sequence: 0, running: 1, name: 2, calls: 3, arity: 4, failed: 5, length: 8 } as const;

/** What a lane is given; all of it can be sent to another thread. */
export interface LaneData {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  control: SharedArrayBuffer;
  parameters: SharedArrayBuffer;
  names: readonly string[];
  lane: number;
  lanes: number;
  /** Rounds of busy waiting before it sleeps. */
  spins: number;
}

export interface Lane {
  /** Resolves once it takes jobs; rejects if it never will. */
  started: Promise<unknown>;
  terminate(): unknown;
}

export type StartLane = (data: LaneData) => Lane;

/**
 * The function of {@link LaneData}, and of one that says that it has started, which a lane runs. It is JavaScript text: a
 * thread is started from text, so that no path of a file has to survive bundling. It waits a little while busily, because
 * jobs come in quick succession, and then sleeps; whoever wakes it may be late, of a job that it has done already, and it would do that
 * again.
 */
export const LANE_PROGRAM = `(({ module, memory, control, parameters, names, lane, lanes, spins }, sayStarted) => {
const functions = new WebAssembly.Instance(module, { env: { memory } }).exports;
const state = new Int32Array(control);
const values = new Float64Array(parameters);
let seen = 0;
sayStarted();
for (;;) {
  for (let spin = 0; spin < spins && Atomics.load(state, ${CONTROL.sequence}) === seen; spin++);
  while (Atomics.load(state, ${CONTROL.sequence}) === seen) Atomics.wait(state, ${CONTROL.sequence}, seen);
  seen = Atomics.load(state, ${CONTROL.sequence});
  const arity = state[${CONTROL.arity}];
  const work = functions[names[state[${CONTROL.name}]]];
  try {
    for (let call = lane; call < state[${CONTROL.calls}]; call += lanes) {
      work(...values.subarray(call * arity, (call + 1) * arity));
    }
  } catch {
    state[${CONTROL.failed}] = 1; // a thread that ended here would be waited for without end
  }
  if (Atomics.sub(state, ${CONTROL.running}, 1) === 1) Atomics.notify(state, ${CONTROL.running});
}
})`;
