// WebGPU in Node, for real: Dawn on SwiftShader.
import { setTimeout as sleep } from 'node:timers/promises';
import { expectNamedError } from '@stridelab/test-kit';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { DeviceLostError } from '../errors.ts';
import { openBackend } from '../index.ts';
import { runFixture, sourceEnv, stubEnv } from '../stubs/child.ts';
import type { OpenedBackend } from '../types.ts';

const software = process.platform === 'linux' && process.arch === 'x64' && process.env.STRIDELAB_GPU !== '1';
const DEVICE = 'SwiftShader Device Subzero';

describe.skipIf(!software)('on SwiftShader (carried for Linux x64)', () => {
  let backend: OpenedBackend | undefined;
  const open = async (options = {}) => {
    backend = await openBackend({ prefer: ['webgpu-software'], ...options });
    return backend;
  };
  const device = () => (tf.backend() as WebGPUBackend).device;

  beforeAll(() => stubEnv(sourceEnv()));
  afterEach(() => backend?.dispose());
  afterAll(() => {
    vi.unstubAllEnvs();
  });

  it('is refused unless it is named', async () => {
    const opening = openBackend({ prefer: ['webgpu'] });
    await expect(opening).rejects.toThrow(`webgpu: the only adapter is drawn by the processor (${DEVICE})`);
    await expect(opening).rejects.toThrow("prefer: ['webgpu-software'] takes it all the same");
  });

  it('computes, and says what it is', async () => {
    const { name, device: words, tfBackend, precision, notes } = await open();
    expect({ name, words, tfBackend, precision, notes }).toEqual({
      name: 'webgpu-software',
      words: `${DEVICE} through WebGPU (Vulkan)`,
      tfBackend: 'webgpu',
      precision: 'float32',
      notes: [],
    });
    expect(tf.getBackend()).toBe('webgpu');
    await expect(tf.matMul(tf.ones([3, 5]), tf.ones([5, 3]))).toBeAllClose(tf.fill([3, 3], 5));
    expect(tf.getKernel('StridelabSoftmaxCrossEntropy', 'webgpu'), 'of @stridelab/webgpu').toBeDefined();
  });

  it('says that half precision is not to be had from the kernels of TF.js', async () => {
    const { notes, precision } = await open({ precision: 'float16' });
    expect(precision).toBe('float32');
    expect(notes).toEqual([
      {
        backend: 'webgpu-software',
        reason: "the device has no half precision, and TF.js's own kernels use float32",
      },
    ]);
  });

  it('multiplies exactly where that is asked for, for as long as it is open', async () => {
    const { getPrecision } = await import('@stridelab/webgpu');
    const { precision, notes, dispose } = await open({ precision: 'exact' });
    expect({ precision, notes, products: getPrecision() }).toEqual({
      precision: 'exact',
      notes: [],
      products: 'exact',
    });
    await dispose();
    expect(getPrecision()).toBe('fast');
  });

  it('multiplies as the one that is open now was told to, whatever becomes of one before', async () => {
    const { getPrecision, setPrecision } = await import('@stridelab/webgpu');
    const first = await open({ precision: 'exact' });
    tf.removeBackend('webgpu');
    const second = await open({ precision: 'exact' });
    expect(second).not.toBe(first);
    await first.dispose();
    expect({ precision: second.precision, products: getPrecision() }).toEqual({
      precision: 'exact',
      products: 'exact',
    });
    tf.removeBackend('webgpu');
    const third = await open();
    expect({ precision: third.precision, products: getPrecision() }).toEqual({
      precision: 'float32',
      products: 'fast',
    });
    await second.dispose();
    await third.dispose();
    expect(getPrecision()).toBe('fast');
    setPrecision('exact');
    expect((await open()).precision).toBe('exact');
    setPrecision('fast');
  });

  it('rejects a read under way with the named error when the device is lost', async () => {
    const { lost, guard } = await open();
    const x = tf.matMul(tf.ones([256, 256]), tf.ones([256, 256]));
    const reading = x.data();
    const working = guard(() => sleep(60_000));
    device().destroy();
    const message = new RegExp(`^backend\\.guard: ${DEVICE} must stay until the work on it is done, got 'lost \\(`);
    await expectNamedError(() => reading, DeviceLostError, message);
    await expectNamedError(() => working, DeviceLostError, message);
    // And what comes later, too: a program that trains on finds out at its next read.
    await expectNamedError(() => tf.add(x, 1).data(), DeviceLostError, message);
    await expectNamedError(() => guard(() => 1), DeviceLostError, message);
    expect(await lost).toMatchObject({ name: 'DeviceLostError', reason: 'destroyed' });
  });

  it('still reads values that lie in the memory of the processor', async () => {
    await open();
    const x = tf.add(tf.ones([3]), 1);
    await x.data();
    device().destroy();
    await backend!.lost;
    expect(await x.data()).toEqual(new Float32Array([2, 2, 2]));
  });

  it('opens again after a loss, and the handle that was lost no longer meddles', async () => {
    const first = await open();
    device().destroy();
    await first.lost;
    const second = await open();
    expect(second).not.toBe(first);
    await first.dispose();
    await expect(tf.add(tf.ones([2]), 1)).toBeAllClose([2, 2]);
    expect(tf.getBackend()).toBe('webgpu');
  });

  it.each(['dispose', 'lose'])('lets the process end after %s, and leaves the globals as they were', async (end) => {
    const { stdout, ms } = await runFixture('lifecycle.ts', end);
    expect(stdout.trim().split('\n')).toEqual([
      `${DEVICE} through WebGPU (Vulkan)`,
      'sum 4096',
      end === 'lose' ? 'read rejected with DeviceLostError' : 'read 4096',
      'navigator as before: true',
      'webgpu registered: false',
      'end of the program',
    ]);
    expect(ms).toBeLessThan(20_000);
  });

  it('takes up a backend that somebody else started, and leaves it to them', async () => {
    const { openTestBackend } = await import('@stridelab/test-kit/backends');
    await openTestBackend('webgpu');
    const theirs = tf.backend();
    await tf.setBackend('cpu');
    const { device: words } = await open();
    expect(words).toBe(`${DEVICE} through WebGPU (Vulkan)`);
    expect(tf.backend()).toBe(theirs);
    await backend!.dispose();
    const { setPrecision } = await import('@stridelab/webgpu'); // which registers its kernels
    const { notes, precision } = await open({ precision: 'exact' });
    const reason = 'was started by somebody else, and computes as they said';
    const mend = "setPrecision('exact') of @stridelab/webgpu";
    expect({ notes, precision }).toEqual({
      notes: [{ backend: 'webgpu-software', reason, mend }],
      precision: 'float32',
    });
    await backend!.dispose();
    setPrecision('exact');
    const exactly = await open({ precision: 'exact' });
    expect({ notes: exactly.notes, precision: exactly.precision }).toEqual({ notes: [], precision: 'exact' });
    setPrecision('fast');
    await backend!.dispose();
    await tf.setBackend('webgpu');
    await expect(tf.add(tf.ones([2]), 1)).toBeAllClose([2, 2]);
    tf.removeBackend('webgpu');
  });
});

describe.runIf(process.env.STRIDELAB_GPU === '1')('on the GPU of this machine (STRIDELAB_GPU=1)', () => {
  it('is opened, says what it is, and lets the process end', async () => {
    stubEnv(sourceEnv());
    const { stdout, ms } = await runFixture('opening.ts', 'webgpu');
    const { name, device, product } = JSON.parse(stdout);
    expect({ name, product }).toEqual({ name: 'webgpu', product: 32 });
    expect(device).toMatch(/^\S.* through WebGPU \((Vulkan|Metal|Direct3D 12)\)$/);
    expect(device).not.toMatch(/SwiftShader|llvmpipe/i);
    expect(ms).toBeLessThan(20_000);
    vi.unstubAllEnvs();
  });
});
