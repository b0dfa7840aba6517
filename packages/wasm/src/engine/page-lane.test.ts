// Runs in a page, by tools/browser: Node has another way to start threads, and tests of its own.

import { openTestBackend } from '@stridelab/test-kit';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { registerWasmTraining, restore, threadsStarted } from '../index.ts';
import { read, SHARED_WORK } from '../testing/shared-work.ts';
import { createEngine, memoryOf, threadsOf } from './engine.ts';
import { adoptEngine, closeEngine, engineOf } from './engine-of.ts';
import { compiledFor } from './module.ts';

const MUCH = 2 ** 30;

const backend = () => tf.backend() as BackendWasm;

/** The backend anew, as if the page had just opened it. */
async function reopen(): Promise<void> {
  const factory = tf.findBackendFactory('wasm');
  tf.removeBackend('wasm');
  tf.registerBackend('wasm', factory);
  await openTestBackend('wasm');
}

describe.skipIf(!globalThis.crossOriginIsolated)('on a page that is cross-origin isolated', () => {
  beforeEach(async () => {
    await openTestBackend('wasm');
  });

  it.each(Object.entries(SHARED_WORK))('%s, by all threads, gives what one gives', async (_, work) => {
    const [engine, module] = [engineOf(backend()), compiledFor(memoryOf(backend()))];
    adoptEngine(backend(), createEngine(backend(), module));
    const expected = read(work);
    adoptEngine(backend(), engine);
    await threadsStarted();
    const run = vi.spyOn(engine, 'run');
    for (const [i, values] of read(work).entries()) await expect(values).toBeAllClose(expected[i]!, { relative: 1e-5 });
    expect(run.mock.calls.some(([, calls]) => calls.length > 1)).toBe(true);
    run.mockRestore();
  });

  it('says so when a call fails on any of them, and goes on working', async () => {
    await threadsStarted();
    const engine = engineOf(backend());
    const number = (value: number) => engine.address(tf.tensor([value], [1], 'int32'));
    const [one, tooMuch] = [number(1), number(2 ** 29)];
    const tile = (size: number) => [one, one, size, one, 1];
    // A copy out of bounds: there are browsers of which a page ends where a value is out of bounds.
    const [fine, outside] = [tile(one), tile(tooMuch)];
    expect(() => engine.run('tile', [outside, fine])).toThrow('out of bounds');
    expect(() => engine.run('tile', [fine, outside])).toThrow(
      "wasm.run: every thread must come to its end, got 'tile'",
    );
    engine.run('tile', [fine, fine]);
  });

  it.each(['ours', "TF.js's own"])('ends its threads with the backend, whose kernels are %s by then', async (whose) => {
    const { Worker } = globalThis;
    const lanes = new Set<Worker>();
    class Watched extends Worker {
      override postMessage(message: object) {
        if ('lane' in message) lanes.add(this); // TF.js's own threads are told other things
        super.postMessage(message);
      }
      override terminate() {
        lanes.delete(this);
        super.terminate();
      }
    }
    globalThis.Worker = Watched;
    await reopen();
    globalThis.Worker = Worker;
    expect(await threadsStarted()).toBe(threadsOf(backend()));
    expect(lanes.size).toBe(threadsOf(backend()) - 1);
    if (whose !== 'ours') restore();
    await reopen();
    registerWasmTraining();
    expect(lanes.size).toBe(0);
    expect(await threadsStarted()).toBe(threadsOf(backend()));
  });

  it.each(['at once', 'later'])('works alone where the page may start none: refused %s', async (when) => {
    closeEngine(backend()); // it gets another one when it is next used
    const { Worker } = globalThis;
    const [started, handled, terminate] = [vi.fn(), vi.fn(), vi.fn()];
    class Refused {
      onerror(_: Pick<Event, 'preventDefault'>) {}
      postMessage() {}
      terminate = terminate;
      constructor() {
        started();
        if (when === 'at once') throw new Error('not allowed');
        setTimeout(() => this.onerror({ preventDefault: handled }));
      }
    }
    globalThis.Worker = Refused as unknown as typeof Worker;
    const engine = engineOf(backend());
    globalThis.Worker = Worker;
    expect(started).toHaveBeenCalledTimes(threadsOf(backend()) - 1);
    expect(await threadsStarted()).toBe(1);
    for (const called of [handled, terminate]) {
      expect(called).toHaveBeenCalledTimes(when === 'later' ? threadsOf(backend()) - 1 : 0);
    }
    expect(engine.lanesFor(MUCH)).toBe(1);
    const [x, filter] = [tf.ones<tf.Rank.R4>([1, 8, 8, 4]), tf.ones<tf.Rank.R4>([1, 1, 4, 4])];
    expect(tf.conv2d(x, filter, 1, 'same').dataSync()[0]).toBe(4);
    closeEngine(backend());
  });
});
