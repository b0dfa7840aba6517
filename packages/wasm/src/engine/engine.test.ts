import { expectNamedError, openTestBackend } from '@stridelab/test-kit';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { WasmError } from '../errors.ts';
import { FUNCTION_NAMES } from './engine.ts';
import { engineOf } from './engine-of.ts';
import { compiledFor } from './module.ts';
import { split } from './split.ts';

let backend: BackendWasm;

beforeAll(async () => {
  await openTestBackend('wasm');
  backend = tf.backend() as BackendWasm;
});

it('makes one engine for a backend', () => {
  expect(engineOf(backend)).toBe(engineOf(backend));
});

it('names every function of the module, and no other', () => {
  const module = compiledFor(new WebAssembly.Memory({ initial: 1 }));
  const exported = WebAssembly.Module.exports(module).map(({ name }) => name);
  expect(exported.sort()).toEqual([...FUNCTION_NAMES].sort());
});

it('frees scratch memory, also when the work fails', () => {
  const engine = engineOf(backend);
  const seen = new Set<number>();
  for (let i = 0; i < 4; i++) {
    expect(() =>
      engine.withScratch(1 << 20, (address) => {
        seen.add(address);
        throw new Error('work failed');
      }),
    ).toThrow('work failed');
  }
  expect(seen.size).toBe(1);
});

it('says when memory is exhausted', async () => {
  const engine = engineOf(backend);
  await expectNamedError(
    () => engine.withScratch(2 ** 31, () => {}),
    WasmError,
    'wasm.withScratch: memory of the backend is exhausted, in bytes, got 2147483648',
  );
});

it('knows backends of another make', async () => {
  const stranger = { wasm: { HEAPU8: 0 } } as unknown as BackendWasm;
  await expectNamedError(
    () => engineOf(stranger),
    WasmError,
    "wasm.engineOf: the backend must be of tfjs-backend-wasm 4.22, got ['HEAPU8']",
  );
});

it('splits work into parts of nearly the same size', () => {
  expect(split(5, 2)).toEqual([
    { index: 0, start: 0, count: 2 },
    { index: 1, start: 2, count: 3 },
  ]);
  expect(split(1, 4)).toEqual([{ index: 0, start: 0, count: 1 }]);
  expect(split(0, 4)).toEqual([{ index: 0, start: 0, count: 0 }]);
});
