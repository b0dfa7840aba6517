// Which backend is taken, what is said of the others, and what a caller gets: on engines made up for the purpose.

import type { Lifetime } from '@stridelab/gpu-device';
import { expectNamedError } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type Engine, notReady, Unavailable } from './engine.ts';
import { BackendError, DeviceLostError } from './errors.ts';
import { type Machine, openOn } from './open.ts';
import type { BackendName, Notice } from './types.ts';

const close = vi.fn();
let lifetime: Lifetime<DeviceLostError>;
/** Backends are open for the whole process: each test has the names that it has not used up. */
const working = (name: BackendName, device = name): Engine => ({
  name,
  packages: [],
  async open(request) {
    lifetime = request.lifetime;
    await tf.setBackend('cpu');
    return { device, tfBackend: 'cpu', close };
  },
});
const failing = (name: BackendName, error: Error): Engine => ({
  name,
  packages: [],
  open: () => Promise.reject(error),
});
const machine = (...engines: Engine[]): Machine => ({ engines, order: engines.map(({ name }) => name) });

beforeEach(() => close.mockClear());

it('takes the first that opens, and says why not the others', async () => {
  const heard: Notice[] = [];
  const engines = [
    failing('node-gpu', new Unavailable('no-gpu', 'there is no GPU', 'buy one')),
    failing('node', new Error('broken\nin many ways')),
    working('wasm', 'CPU through magic' as BackendName),
    working('cpu'),
  ];
  const backend = await openOn(machine(...engines), { onNotice: (notice) => heard.push(notice) });
  expect(backend).toMatchObject({ name: 'wasm', device: 'CPU through magic', tfBackend: 'cpu', precision: 'float32' });
  expect(heard).toEqual([
    { backend: 'node-gpu', reason: 'there is no GPU', mend: 'buy one' },
    { backend: 'node', reason: 'broken' },
  ]);
  expect(backend.notes).toEqual(heard);
  await backend.dispose();
});

it('tries nothing but what is preferred, in that order', async () => {
  const backend = await openOn(machine(working('wasm'), working('cpu')), { prefer: ['cpu', 'wasm'] });
  expect(backend.name).toBe('cpu');
  await backend.dispose();
});

it('tries once what is named twice', async () => {
  const open = vi.fn(() => Promise.reject(new Error('broken')));
  const message = "backend.openBackend: one of prefer must be ready here; wasm: broken, got ['wasm']";
  const opening = () => openOn(machine({ ...working('wasm'), open }), { prefer: ['wasm', 'wasm'] });
  await expectNamedError(opening, BackendError, message);
  expect(open).toHaveBeenCalledTimes(1);
});

it('never opens what was not preferred in the place of what cannot be had', async () => {
  const engines = [failing('node-gpu', new Unavailable('no-gpu', 'there is no GPU', 'buy one')), working('cpu')];
  await expectNamedError(
    () => openOn(machine(...engines), { prefer: ['node-gpu'] }),
    BackendError,
    "backend.openBackend: one of prefer must be ready here; node-gpu: there is no GPU (mend: buy one), got ['node-gpu']",
  );
});

it('makes the backend current again that was, when none is ready', async () => {
  await tf.setBackend('cpu');
  tf.registerBackend('meddler', tf.findBackendFactory('cpu'));
  const meddling: Engine = {
    name: 'wasm',
    packages: [],
    async open() {
      await tf.setBackend('meddler');
      throw new Error('half open');
    },
  };
  await expect(openOn(machine(meddling), {})).rejects.toThrow('half open');
  expect(tf.getBackend()).toBe('cpu');
  tf.removeBackend('meddler');
});

describe('a native backend', () => {
  const native = { ...working('webgpu'), native: true };

  it('is not opened where a child process found it wanting', async () => {
    const open = vi.fn();
    const examine = async () => notReady('webgpu', 'crashed', 'it crashed', 'mend it');
    const wanting = { ...machine({ ...native, open }), examine };
    await expectNamedError(
      () => openOn(wanting, {}),
      BackendError,
      "backend.openBackend: one of prefer must be ready here; webgpu: it crashed (mend: mend it), got ['webgpu']",
    );
    expect(open).not.toHaveBeenCalled();
  });

  it('is called what the child process learnt of it', async () => {
    const examine = async () => ({ name: 'webgpu', ready: true, state: 'ready', device: 'A GPU by name' }) as const;
    const backend = await openOn({ ...machine(native), examine }, {});
    expect(backend.device).toBe('A GPU by name');
    await backend.dispose();
  });

  it('is opened all the same where no child process could be started, and says so', async () => {
    const backend = await openOn({ ...machine(native), examine: async () => undefined }, {});
    const reason = 'could not be tried in a child process, and is opened without';
    expect(backend.notes).toEqual([{ backend: 'webgpu', reason }]);
    await backend.dispose();
  });
});

it('hands out the same backend until it is given back or lost', async () => {
  const one = machine(working('cpu'));
  const [first, second] = await Promise.all([openOn(one, {}), openOn(one, {})]);
  expect(second).toBe(first);
  await first.dispose();
  const third = await openOn(one, {});
  expect(third).not.toBe(first);
  lifetime.lose('GPU', 'unknown');
  await third.lost;
  const fourth = await openOn(one, {});
  expect(fourth).not.toBe(third);
  await fourth.dispose();
});

it.each<[Engine['tellsApart'], Notice[]]>([
  [['exact'], [{ backend: 'cpu', reason: "is open already, with precision 'exact'" }]],
  [undefined, []],
])('says that another precision holds where a backend tells them apart: %j', async (tellsApart, notices) => {
  const engine: Engine = { ...working('cpu'), ...(tellsApart && { tellsApart }) };
  const first = await openOn(machine(engine), { precision: 'exact' });
  expect(first.precision).toBe('exact');
  const heard: Notice[] = [];
  const onNotice = (notice: Notice) => heard.push(notice);
  for (const options of [{}, { precision: 'exact' }, { precision: 'float32' }] as const) {
    expect(await openOn(machine(engine), { ...options, onNotice })).toBe(first);
  }
  expect(heard).toEqual(notices);
  await first.dispose();
});

it('opens anew what the program took out of the registry of TF.js', async () => {
  tf.registerBackend('removed', tf.findBackendFactory('cpu'));
  const engine: Engine = {
    name: 'wasm',
    packages: [],
    open: async () => ({ device: 'CPU', tfBackend: 'removed', close }),
  };
  const first = await openOn(machine(engine), {});
  tf.removeBackend('removed');
  const second = await openOn(machine(engine), {});
  expect(second).not.toBe(first);
  await first.dispose();
  await second.dispose();
});

it('closes once, and ends work under way with the named error', async () => {
  const backend = await openOn(machine(working('cpu')), {});
  const work = backend.guard(new Promise(() => {}));
  await Promise.all([backend.dispose(), backend.dispose()]);
  expect(close).toHaveBeenCalledTimes(1);
  const message =
    "backend.guard: cpu must stay until the work on it is done, got 'lost (destroyed): dispose() was called'";
  await expectNamedError(() => work, DeviceLostError, message);
  expect(await backend.lost).toBeInstanceOf(DeviceLostError);
});

describe('wrong options', () => {
  const { engines, order } = machine(working('wasm'), working('cpu'));
  it.each([
    [
      'cpu',
      "options must be some of {prefer, precision, onNotice, timeout, boundsChecks, threads, wasmPath}, got 'cpu'",
    ],
    [null, 'options must be some of {prefer, precision, onNotice, timeout, boundsChecks, threads, wasmPath}, got null'],
    [{ prefer: [] }, 'prefer must list some of wasm, cpu, got []'],
    [{ prefer: ['webgl'] }, "prefer must list some of wasm, cpu, got ['webgl']"],
    [{ prefer: 'cpu' }, "prefer must list some of wasm, cpu, got 'cpu'"],
    [{ precision: 'float64' }, "precision must be one of float32, exact, float16, got 'float64'"],
    [{ boundsChecks: 0 }, 'boundsChecks must be true or false, got 0'],
    [{ threads: 0 }, 'threads must be a whole number >= 1, got 0'],
    [{ threads: 1.5 }, 'threads must be a whole number >= 1, got 1.5'],
    [{ threads: '2' }, "threads must be a whole number >= 1, got '2'"],
    [{ timeout: 0 }, 'timeout must be a number of milliseconds > 0, got 0'],
    [{ timeout: Number.NaN }, 'timeout must be a number of milliseconds > 0, got NaN'],
  ])('%o', async (options, message) => {
    const open = () => openOn({ engines, order }, options as never);
    await expectNamedError(open, BackendError, `backend.openBackend: ${message}`);
  });
});
