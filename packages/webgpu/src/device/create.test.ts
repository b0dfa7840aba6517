// Dawn on SwiftShader, opened as a program opens it.
import { expectNamedError } from '@stridelab/test-kit/errors';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { captureStep } from '../capture/capture-step.ts';
import { DeviceLostError, OutOfMemoryError, WebgpuError } from '../errors.ts';
import { registerWebgpuTraining } from '../training.ts';
import { createWebGpuDevice, type WebgpuDevice } from './create.ts';

registerWebgpuTraining();

const software = process.platform === 'linux' && process.arch === 'x64' && process.env.STRIDELAB_GPU !== '1';
const DEVICE = 'SwiftShader Device Subzero';
let open: WebgpuDevice | undefined;
const create = async () => {
  open = await createWebGpuDevice({ software: true });
  return open;
};
afterEach(() => open?.dispose());

describe.skipIf(!software)('on SwiftShader (carried for Linux x64)', () => {
  it('is refused unless it is asked for, and leaves the globals as they were', async () => {
    const before = globalThis.navigator?.gpu;
    const message = `webgpu.createWebGpuDevice: the GPU must be a real one, or software asked for, got '${DEVICE}'`;
    await expectNamedError(() => createWebGpuDevice(), WebgpuError, message);
    expect(globalThis.navigator?.gpu).toBe(before);
    expect('webgpu' in tf.engine().registryFactory).toBe(false);
  });

  it('computes, and says what it got', async () => {
    const { name, features, missing, device, abilities } = await create();
    expect(name).toBe(DEVICE);
    expect(tf.getBackend()).toBe('webgpu');
    expect([...features, ...missing].toSorted()).toEqual([
      'chromium-experimental-subgroup-matrix',
      'shader-f16',
      'subgroup-size-control',
      'subgroups',
      'timestamp-query',
    ]);
    expect(missing).toContain('chromium-experimental-subgroup-matrix');
    expect(abilities.matrixUnits).toBeUndefined();
    expect(device.limits.maxStorageBufferBindingSize).toBeGreaterThan(128 * 2 ** 20);
    const sum = tf.sum(tf.matMul(tf.ones([3, 5]), tf.ones([5, 3])));
    expect((await sum.data())[0]).toBe(45);
    const again = "webgpu.createWebGpuDevice: TF.js's backend webgpu must not run yet, got 'webgpu'";
    await expectNamedError(() => createWebGpuDevice({ software: true }), WebgpuError, again);
  });

  it('computes the same where nothing keeps indices within buffers', async () => {
    const product = () => tf.matMul(tf.ones([3, 5]), tf.ones([5, 3]));
    await create();
    const checked = await product().data();
    await open!.dispose();
    open = await createWebGpuDevice({ software: true, boundsChecks: false });
    expect(await product().data()).toEqual(checked);
  });

  it('rejects every waiting promise when it is lost, and opens again', async () => {
    const { device, lost, guard } = await create();
    const captured = captureStep((x: tf.Tensor) => tf.sum(tf.square(x)));
    for (let i = 0; i < 2; i++) captured(tf.ones([100]));
    const reading = captured(tf.ones([100])).data();
    const working = guard(new Promise(() => {}));
    device.destroy();
    const message = new RegExp(`^webgpu\\.guard: ${DEVICE} must stay until the work on it is done, got 'lost \\(`);
    await expectNamedError(() => reading, DeviceLostError, message);
    await expectNamedError(() => working, DeviceLostError, message);
    await expectNamedError(() => captured(tf.ones([100])).data(), DeviceLostError, message);
    expect(await lost).toMatchObject({ name: 'DeviceLostError', reason: 'destroyed' });
    await open!.dispose();
    await create();
    for (let i = 0; i < 3; i++) expect((await captured(tf.fill([100], i)).data())[0]).toBe(100 * i * i);
    captured.dispose();
  });

  it('times the dispatches of a replay', async ({ skip }) => {
    const { features } = await create();
    if (!features.includes('timestamp-query')) skip('SwiftShader has no timestamps here');
    const captured = captureStep((x: tf.Tensor) => tf.transpose(tf.square(x)));
    const size = [1000, 1000]; // long enough for the coarsest clock
    for (let i = 0; i < 2; i++) captured(tf.ones(size));
    const { result, dispatches } = await captured.time(tf.fill(size, 2));
    expect((await result.data())[0]).toBe(4);
    expect(dispatches.map(({ name }) => name)).toEqual(['UnaryOpProgram', 'TransposeSharedProgram']);
    for (const { ms } of dispatches) expect(ms).toBeGreaterThan(0);
    captured.dispose();
  });

  it('names a buffer that the device never takes', async () => {
    const { device } = await create();
    const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
    const largest = Math.min(maxBufferSize, maxStorageBufferBindingSize);
    const side = Math.ceil(Math.sqrt(largest / 4)) + 1;
    const rule = `webgpu.memory: a buffer must fit into the device, where ${largest} bytes would (the limit of the device, maxBufferSize or maxStorageBufferBindingSize), got ${4 * side ** 2}`;
    await expectNamedError(() => tf.fill([side, side], 1), OutOfMemoryError, rule);
  });
});

it.each([
  [{ memorySlack: 0.5 }, 'memorySlack must be a number >= 1, got 0.5'],
  [{ boundsChecks: 'no' as never }, "boundsChecks must be true or false, got 'no'"],
])('refuses wrong options', async (options, rule) => {
  await expectNamedError(() => createWebGpuDevice(options), WebgpuError, `webgpu.createWebGpuDevice: ${rule}`);
});

it('says what has to be installed where there is no WebGPU', async () => {
  vi.doMock('webgpu', () => {
    throw new Error('not here');
  });
  const rule =
    /^webgpu\.createWebGpuDevice: in Node the package webgpu must be installed, elsewhere navigator\.gpu must be there, got '/;
  await expectNamedError(() => createWebGpuDevice(), WebgpuError, rule);
  vi.doUnmock('webgpu');
});
