// Updates on a device with all the storage buffers that it has, of which the others' tests have eight.
import '../../index.ts';
import { adamUpdate, zeroSlots } from '@stridelab/train-ops';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it, vi } from 'vitest';
import { createWebGpuDevice } from '../../device/create.ts';

const software = process.platform === 'linux' && process.arch === 'x64' && process.env.STRIDELAB_GPU !== '1';

it.skipIf(!software)('binds as many parameters at once as the device lets it (SwiftShader, Linux x64)', async () => {
  const { device, abilities, dispose } = await createWebGpuDevice({ software: true });
  const errors: string[] = [];
  device.addEventListener('uncapturederror', ({ error }) => errors.push(error.message));
  expect(abilities.storageBuffers).toBeGreaterThan(8);
  const sizes = Array.from({ length: 24 }, (_, i) => (i % 2 ? 3000 + i : 20 + i));
  const weights = sizes.map((size) => tf.tidy(() => tf.variable(tf.ones([size]))));
  const [moment1, moment2] = [zeroSlots(weights), zeroSlots(weights)];
  const gradients = sizes.map((size, i) => tf.fill([size], i + 1));
  const update = (step: number) => adamUpdate({ weights, gradients, moment1, moment2, learningRate: 0.25, step });
  update(1);
  const dispatched = vi.spyOn(GPUComputePassEncoder.prototype, 'dispatchWorkgroups');
  update(2);
  const bound = sizes.length * 2 + (sizes.length / 2 + 1) * 2;
  expect(dispatched.mock.calls.length).toBeGreaterThanOrEqual(Math.ceil(bound / abilities.storageBuffers));
  expect(dispatched.mock.calls.length).toBeLessThan(sizes.length / 2);
  // Of gradients that stay the same, each step is as long as the learning rate.
  for (const weight of weights) {
    for (const value of await weight.data()) expect(value).toBeCloseTo(0.5, 4);
  }
  expect(errors).toEqual([]);
  await dispose();
});
