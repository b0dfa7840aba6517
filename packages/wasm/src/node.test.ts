// The backend with threads gives what the backend without them gives.
import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { expectNamedError, openTestBackend } from '@stridelab/test-kit';
import { type BackendWasm, getThreadsCount } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { engineOf } from './engine/engine-of.ts';
import { CONTROL } from './engine/lane.ts';
import { compiledFor } from './engine/module.ts';
import { threadsStarted } from './index.ts';
import { nodeLanes } from './node/node-lane.ts';
import { openThreadedBackend, WasmError } from './node.ts';
import { read, SHARED_WORK } from './testing/shared-work.ts';

const expected = new Map<string, ArrayLike<number>[]>();

beforeAll(async () => {
  await openTestBackend('wasm');
  for (const [name, work] of Object.entries(SHARED_WORK)) expected.set(name, read(work));
});

// This process's own listeners and globals, which Emscripten would like to change.
const listeners = () => ['uncaughtException', 'unhandledRejection'].map((event) => process.listenerCount(event));

it.each([0, 1.5, Number.NaN, '2'])('refuses %s threads', async (threads) => {
  await expectNamedError(
    () => openThreadedBackend({ threads: threads as number }),
    WasmError,
    `wasm.openThreadedBackend: threads must be a whole number >= 1, got ${typeof threads === 'string' ? "'2'" : threads}`,
  );
});

it('refuses a number in the place of options', async () => {
  const message = 'wasm.openThreadedBackend: options must be some of {threads}, got 2';
  await expectNamedError(() => openThreadedBackend(2 as never), WasmError, message);
});

it.each(['at once', 'later'])(
  'says why threads cannot be had, and leaves the backend that is there: %s',
  async (when) => {
    const before = tf.backend();
    class Worker extends EventEmitter {
      constructor() {
        super();
        if (when === 'at once') throw new Error('no more threads');
        setTimeout(() => this.emit('error', new Error('no more threads')));
      }
      terminate() {}
    }
    vi.doMock('node:worker_threads', () => ({ Worker }));
    await expect(openThreadedBackend({ threads: 3 })).rejects.toThrow('no more threads');
    vi.doUnmock('node:worker_threads');
    expect(tf.backend()).toBe(before);
  },
);

describe.each([1, 2, 3])('%d threads', (threads) => {
  beforeAll(async () => {
    const before = { listeners: listeners(), hasWorker: 'Worker' in globalThis };
    expect(await openThreadedBackend({ threads })).toBe(threads);
    expect({ listeners: listeners(), hasWorker: 'Worker' in globalThis }).toEqual(before);
  });

  afterAll(() => {
    const before = listeners();
    tf.removeBackend('wasm');
    expect(listeners()).toEqual(before);
  });

  it('has as many as it was asked for', () => {
    expect(tf.getBackend()).toBe('wasm');
    expect(getThreadsCount()).toBe(threads);
  });

  it('counts them', async () => {
    expect(await threadsStarted()).toBe(threads);
  });

  it('says so when a call fails on any of them, and goes on working', async () => {
    const engine = engineOf(tf.backend() as BackendWasm);
    const good = engine.address(tf.zeros([4]));
    const outside = 2 ** 32 - 16;
    for (let failing = 0; failing < threads; failing++) {
      const calls = Array.from({ length: threads }, (_, i) => [i === failing ? outside : good, good, 1, 9, 4, 1]);
      expect(() => engine.run('sumRows', calls)).toThrow(
        failing === 0 ? /out of bounds/i : "wasm.run: every thread must come to its end, got 'sumRows'",
      );
    }
    engine.run('sumRows', Array(threads).fill([good, good, 1, 1, 4, 1]));
  });

  it.each(Object.keys(SHARED_WORK))('%s', async (name) => {
    const run = vi.spyOn(engineOf(tf.backend() as BackendWasm), 'run');
    for (let round = 0; round < 3; round++) {
      for (const [i, values] of read(SHARED_WORK[name]!).entries()) {
        await expect(values).toBeAllClose(expected.get(name)![i]!, { relative: 1e-5 });
      }
    }
    const isShared = run.mock.calls.some(([, calls]) => calls.length > 1);
    run.mockRestore();
    // Work too small to be shared out would say nothing of threads.
    if (threads > 1) expect(isShared).toBe(true);
  });
});

it('is to be opened again after a reset, and says so', async () => {
  await openThreadedBackend({ threads: 2 });
  tf.engine().reset();
  const warnings = vi.spyOn(console, 'warn').mockImplementation(() => {});
  expect(await tf.setBackend('wasm')).toBe(false);
  expect(warnings.mock.calls.flat().join('\n')).toContain(
    "wasm.openThreadedBackend: call it again: the backend has been, got 'disposed'",
  );
  warnings.mockRestore();
  expect(await openThreadedBackend({ threads: 2 })).toBe(2);
  expect(tf.add(1, 2).dataSync()[0]).toBe(3);
  tf.removeBackend('wasm');
});

it('does no job a second time where somebody wakes a thread late', async () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const control = new SharedArrayBuffer(4 * CONTROL.length);
  const parameters = new SharedArrayBuffer(8 * 16);
  const [state, numbers] = [new Int32Array(control), new Float32Array(memory.buffer)];
  const shared = { module: compiledFor(memory), memory, control, parameters, names: ['addRuns'], lanes: 2, spins: 0 };
  const lane = nodeLanes(Worker)({ ...shared, lane: 1 });
  await lane.started;
  numbers[0] = 1;
  // The second of two calls is this lane's: one number at 0 is added to the one at 64.
  new Float64Array(parameters).set([0, 64, 1, 1, 0, 0], 6);
  Object.assign(state, { [CONTROL.calls]: 2, [CONTROL.arity]: 6, [CONTROL.running]: 1 });
  Atomics.add(state, CONTROL.sequence, 1);
  Atomics.notify(state, CONTROL.sequence);
  await expect.poll(() => Atomics.load(state, CONTROL.running)).toBe(0);
  for (let i = 0; i < 5; i++) {
    Atomics.notify(state, CONTROL.sequence);
    await sleep(20);
  }
  expect([numbers[16], Atomics.load(state, CONTROL.running)]).toEqual([1, 0]);
  await lane.terminate();
});
