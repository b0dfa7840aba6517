import '../index.ts';
import { diffStride2d } from '@stridelab/diffstride';
import { expectNamedError, openTestBackend, randomTensor, relativeL2Error } from '@stridelab/test-kit';
import { takeGpuErrors } from '@stridelab/test-kit/backends';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { captureStep } from '../capture/capture-step.ts';
import { OutOfMemoryError, WebgpuError } from '../errors.ts';
import { internalsOf } from '../gpu/backend.ts';
import { memoryOf } from '../memory/memory.ts';
import { fullDevice } from '../testing/full-device.ts';
import { pipelinesOf } from '../testing/pipelines.ts';
import { SMALL } from '../testing/tiers.ts';
import { force } from './choose.ts';
import { watchProducts } from './product.ts';
import { tuneProducts } from './tune.ts';

beforeAll(() => openTestBackend('webgpu'));
afterEach(() => force({}));

const trial = { candidates: 3, atLeast: 0 };

describe('tuneProducts', () => {
  it('tries each size of product once, and keeps to the fastest', async () => {
    const [x, filter] = [randomTensor([2, 9, 8, 8], 1), randomTensor([3, 3, 8, 16], 2)];
    const [a, b] = [randomTensor([40, 70], 3), randomTensor([70, 30], 4)];
    const convolved = () => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 'same');
    const work = () => [convolved(), convolved(), tf.matMul(a, b)];
    const expected = await Promise.all(work().map((tensor) => tensor.data()));
    const { numTensors, numDataBuffers } = tf.memory();
    const before = captureStep(work);
    for (let i = 0; i < 3; i++) tf.dispose(before());
    const tuned = await tuneProducts(work, trial);
    const recordedAnew = pipelinesOf(before);
    before.dispose();
    expect(tf.memory()).toMatchObject({ numTensors, numDataBuffers });
    expect(tuned.map(({ size }) => size)).toEqual([
      { batch: 1, rows: 144, inner: 72, columns: 16 },
      { batch: 1, rows: 40, inner: 70, columns: 30 },
    ]);
    for (const { ms, msBefore, best, before } of tuned) {
      expect(ms).toBeGreaterThan(0);
      expect(ms).toBeLessThanOrEqual(msBefore);
      expect(best === before).toBe(ms === msBefore);
    }
    const labels = pipelinesOf(work);
    expect(recordedAnew).toEqual(labels);
    for (const [i, { best }] of [tuned[0]!, tuned[0]!, tuned[1]!].entries()) {
      const [tier, tile] = best.split(' ');
      expect(labels.filter((label) => /matMul|Conv2D/i.test(label))[i]).toContain(`${tier}; ${tile}`);
    }
    for (const [i, tensor] of work().entries()) await expect(tensor).toBeAllClose(expected[i]!, { relative: 1e-5 });
    const captured = captureStep(work);
    for (let i = 0; i < 3; i++) {
      for (const [j, tensor] of captured().entries()) {
        await expect(tensor).toBeAllClose(expected[j]!, { relative: 1e-5 });
        tensor.dispose();
      }
    }
    captured.dispose();
    tf.dispose([x, filter, a, b]);
  });

  it('leaves results as they are: fused, in pieces, and of learned strides', async () => {
    const [x, filter] = [randomTensor([2, 12, 10, 4], 1), randomTensor([3, 3, 4, 4], 2)];
    const [bias, strides] = [randomTensor([4], 3), tf.tensor1d([1.9, 1.7])];
    const pooled = (input: tf.Tensor, by: tf.Tensor) => {
      const options = { strides: 1, pad: 'same', activation: 'relu' } as const;
      const y = tf.fused.conv2d({ x: input as tf.Tensor4D, filter: filter as tf.Tensor4D, bias, ...options });
      return tf.sum(tf.square(diffStride2d(y as tf.Tensor4D, by as tf.Tensor1D, { smoothness: 2 })));
    };
    const work = () => {
      const { value, grads } = tf.valueAndGrads((u, v) => pooled(u!, v!))([x, strides]);
      return [value, ...grads];
    };
    const read = async (tensors: tf.Tensor[]) => {
      const values = await Promise.all(tensors.map((tensor) => tensor.data()));
      tf.dispose(tensors);
      return values;
    };
    const expected = await read(work());
    const { numTensors } = tf.memory();
    const tuned = await tuneProducts(() => tf.tidy(work), { ...trial, candidates: 2 });
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(new Set(tuned.map(({ name }) => name)).size).toBeGreaterThan(2);
    for (const [i, values] of (await read(work())).entries()) {
      expect(relativeL2Error(values as Float32Array, expected[i] as Float32Array)).toBeLessThan(1e-5);
    }
    tf.dispose([x, filter, bias, strides]);
  });

  it('is not for steps that are being captured', async () => {
    const a = randomTensor([16, 16], 1);
    let refused: Promise<unknown> | undefined;
    const captured = captureStep(() => {
      refused ??= tuneProducts(() => undefined).catch((error) => error);
      return tf.square(a);
    });
    for (let i = 0; i < 2; i++) captured().dispose();
    const rule = 'webgpu.tuneProducts: products are tuned outside of a captured step, got';
    expect((await refused) as Error).toMatchObject({ name: 'WebgpuError', message: expect.stringContaining(rule) });
    captured.dispose();
    a.dispose();
  });

  it('runs where TF.js takes the time of what it dispatches', async () => {
    const a = randomTensor([16, 16], 1);
    let tuning: ReturnType<typeof tuneProducts> | undefined;
    await tf.time(() => {
      tuning = tuneProducts(() => tf.matMul(a, a), { ...trial, candidates: 1 });
    });
    expect(await tuning).toHaveLength(1);
    a.dispose();
  });

  it('is overruled by a test', async () => {
    const a = randomTensor([33, 40], 1);
    const work = () => tf.matMul(a, a, false, true);
    await tuneProducts(work, trial);
    force({ tier: 'plain', tile: { rows: 16, columns: 16, depth: 8, own: [4, 4], buffers: 1 } });
    expect(pipelinesOf(work).join()).toContain('plain; 16x16x8/4x4');
    a.dispose();
  });

  it.each([
    ['parts, of which an inner axis that cannot be cut has one', { parts: 3 }],
    ['packed operands, which float32 arithmetic does not take', { packFrom: 0 }],
  ])('is overruled by a test of %s', async (_, choice) => {
    const [dy, filter] = [randomTensor([1, 5, 5, 8], 1), randomTensor([3, 3, 8, 8], 2)];
    const work = () => tf.conv2dTranspose(dy as tf.Tensor4D, filter as tf.Tensor4D, [1, 10, 10, 8], 2, 'same');
    const expected = work();
    await tuneProducts(work, { ...trial, candidates: 1 });
    force(choice);
    const result = work();
    await expect(result).toBeAllClose(await expected.data(), { relative: 1e-5 });
    tf.dispose([dy, filter, expected, result]);
  });

  it('gives back what was recorded of captured steps before', async () => {
    const a = randomTensor([30, 30], 1);
    const work = () => tf.matMul(a, a);
    const captured = captureStep(work);
    const statistics = () => {
      for (let i = 0; i < 3; i++) captured().dispose();
      const { recordings, bytes } = captured.statistics;
      return { recordings, bytes };
    };
    const before = statistics();
    await tuneProducts(work, { ...trial, candidates: 1 });
    expect(statistics()).toEqual(before);
    captured.dispose();
    a.dispose();
  });

  it.each([
    [{ candidates: 0 }, 'candidates must be a whole number >= 1, got 0'],
    [{ candidates: 1.5 }, 'candidates must be a whole number >= 1, got 1.5'],
    [{ atLeast: -1 }, 'atLeast must be a number of milliseconds, got -1'],
    [{ atLeast: Number.NaN }, 'atLeast must be a number of milliseconds, got NaN'],
  ])('refuses %o', async (options, rule) => {
    const work = vi.fn();
    await expectNamedError(() => tuneProducts(work, options), WebgpuError, `webgpu.tuneProducts: ${rule}`);
    expect(work).not.toHaveBeenCalled();
  });

  it('refuses other backends', async () => {
    await tf.setBackend('cpu');
    const rule = "webgpu.tuneProducts: TF.js's backend must be webgpu, got 'cpu'";
    await expectNamedError(() => tuneProducts(() => undefined), WebgpuError, rule);
    await tf.setBackend('webgpu');
  });

  it('refuses work that goes on after it has returned', async () => {
    const a = randomTensor([16, 16], 1);
    const { numTensors } = tf.memory();
    const rule = /^webgpu\.tuneProducts: work must be done when it returns, got /;
    const work = async () => {
      await Promise.resolve();
      return tf.matMul(a, a);
    };
    await expectNamedError(() => tuneProducts(work, trial), WebgpuError, rule);
    await expectNamedError(() => tuneProducts(() => Promise.reject(new Error('mine'))), WebgpuError, rule);
    await new Promise((resolve) => setTimeout(resolve));
    expect(tf.memory().numTensors).toBe(numTensors);
    a.dispose();
  });

  it('does not keep to a way that the device refuses, however soon that is over', async () => {
    const { device } = internalsOf(tf.backend());
    const { createComputePipeline } = device;
    const a = randomTensor([70, 90], 1);
    const work = () => tf.matMul(a, a, false, true);
    const [used] = pipelinesOf(work);
    const refused = vi.spyOn(device, 'createComputePipeline').mockImplementation((descriptor) => {
      const entryPoint = descriptor.label === used ? 'main' : 'none';
      return createComputePipeline.call(device, { ...descriptor, compute: { ...descriptor.compute, entryPoint } });
    });
    const [tuned] = await tuneProducts(work, trial);
    expect(refused).toHaveBeenCalled();
    refused.mockRestore();
    expect(tuned!.best).toBe(tuned!.before);
    expect(await takeGpuErrors()).toEqual([]);
    a.dispose();
  });

  it('says so where the device has no room for what it tries, and gives back what it took', async () => {
    const backend = internalsOf(tf.backend());
    const pool = memoryOf(backend);
    const a = randomTensor([300, 1000], 1);
    const multiplied = () => tf.matMul(a, a, false, true);
    const before = multiplied();
    await before.data();
    before.dispose();
    const { numBytesUsed } = pool;
    const device = fullDevice(backend.device);
    const tuning = tuneProducts(() => {
      const result = multiplied();
      pool.trimTo(0);
      device.room = 1e6;
      return result;
    }, trial);
    await expect(tuning).rejects.toThrow(OutOfMemoryError);
    device.restore();
    await takeGpuErrors();
    expect(pool.numBytesUsed).toBeLessThanOrEqual(numBytesUsed);
    a.dispose();
  });

  it('times the device: JavaScript prepares a sample once, with what products do ahead of it', async () => {
    const a = randomTensor([16, 16], 1);
    force(SMALL.emulated);
    const setPipeline = vi.spyOn(GPUComputePassEncoder.prototype, 'setPipeline');
    const dispatches = vi.spyOn(GPUComputePassEncoder.prototype, 'dispatchWorkgroups');
    const bindGroups = vi.spyOn(GPUDevice.prototype, 'createBindGroup');
    await tuneProducts(() => tf.matMul(a, a), { candidates: 1, atLeast: 60 });
    const programs = setPipeline.mock.calls.map(([{ label }]) => label.split(' ')[0]);
    const times = (name: string) => programs.filter((program) => program === name).length;
    expect(dispatches.mock.calls.length).toBeGreaterThan(2 * bindGroups.mock.calls.length);
    expect(times('StridelabLargest')).toBe(times('BatchMatMul'));
    vi.restoreAllMocks();
    a.dispose();
  });

  it('hands on an error of the work, and watches no longer', async () => {
    const work = () => {
      throw new RangeError('mine');
    };
    await expect(tuneProducts(work)).rejects.toThrow('mine');
    const watched = vi.fn();
    watchProducts(watched, () => tf.matMul(tf.ones([8, 8]), tf.ones([8, 8])).dispose());
    tf.matMul(tf.ones([8, 8]), tf.ones([8, 8])).dispose();
    expect(watched).toHaveBeenCalledTimes(1);
  });
});
