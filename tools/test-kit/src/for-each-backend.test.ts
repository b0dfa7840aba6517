import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { BACKENDS, takeGpuErrors, unavailable } from './backends.ts';
import { forEachBackend } from './index.ts';

const seen: string[] = [];

forEachBackend((backend) => {
  it('makes the backend current', () => {
    expect(tf.getBackend()).toBe(backend);
    seen.push(backend);
  });
});

it('runs the suite on each backend that can run here', () => {
  expect(seen).toEqual(BACKENDS.filter((backend) => !unavailable.has(backend)));
  expect(seen.slice(0, 2)).toEqual(['cpu', 'wasm']);
});

forEachBackend(() => {
  it('sees what Dawn finds wrong, which TF.js does not', async () => {
    // TF.js's webgpu writes a shader with a vec5 here, which no WGSL has.
    tf.pad(tf.ones([1, 1, 1, 1, 2]), [
      [0, 0],
      [0, 0],
      [0, 0],
      [0, 0],
      [0, 1],
    ]).dispose();
    expect((await takeGpuErrors()).join()).toMatch(/vec5/);
  });
}, ['webgpu']);
