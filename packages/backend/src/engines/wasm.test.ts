// What a page does: TF.js starts the backend, and is told how many threads to start with.
import { setThreadsCount } from '@tensorflow/tfjs-backend-wasm';
import { afterEach, expect, it, vi } from 'vitest';
import { openOn } from '../open.ts';
import type { OpenedBackend } from '../types.ts';
import { wasm } from './wasm.ts';

vi.mock(import('@tensorflow/tfjs-backend-wasm'), async (original) => ({
  ...(await original()),
  setThreadsCount: vi.fn(),
}));

let backend: OpenedBackend;
const open = async (options = {}) => {
  backend = await openOn({ engines: [wasm], order: ['wasm'] }, options);
};
afterEach(async () => {
  await backend.dispose();
  vi.mocked(setThreadsCount).mockClear();
});

it('leaves the number of threads to TF.js, and to a program that has told it one', async () => {
  await open();
  expect(backend.device).toBe('CPU through WebAssembly SIMD');
  expect(setThreadsCount).not.toHaveBeenCalled();
});

it('tells TF.js the number that is asked for', async () => {
  await open({ threads: 3 });
  expect(setThreadsCount).toHaveBeenCalledExactlyOnceWith(3);
});
