import { expect, it } from 'vitest';
import * as root from './index.ts';
import * as training from './training.ts';

it('exports this and nothing else', () => {
  expect(Object.keys(root).sort()).toEqual(['WasmError', 'registerWasmTraining', 'restore', 'threadsStarted']);
  expect(Object.keys(training).sort()).toEqual(Object.keys(root).sort());
});
