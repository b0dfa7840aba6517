import { expect, it } from 'vitest';
import { table } from './table.ts';

it('shows the device of what is ready, and the reason and the mend of what is not', () => {
  const text = table([
    { name: 'node-gpu', ready: false, state: 'no-gpu', reason: 'there is no GPU', mend: 'buy one' },
    { name: 'wasm', ready: true, state: 'ready', device: 'CPU through WebAssembly SIMD' },
    { name: 'webgl', ready: false, state: 'failed', reason: 'nobody knows' },
  ]);
  expect(`\n${text}\n`).toBe(`
backend   ready  device, or why not
--------  -----  ------------------
node-gpu  no     there is no GPU
                 mend: buy one
wasm      yes    CPU through WebAssembly SIMD
webgl     no     nobody knows
`);
});
