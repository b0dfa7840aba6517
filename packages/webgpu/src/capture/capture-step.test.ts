import { openTestBackend, randomTensor } from '@stridelab/test-kit';
import { takeGpuErrors } from '@stridelab/test-kit/backends';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { internalsOf } from '../gpu/backend.ts';
import { forgetAtRecordings } from '../gpu/recordings.ts';
import { memoryOf } from '../memory/memory.ts';
import { bits, vector } from '../testing/variables.ts';
import { captureStep } from './capture-step.ts';

beforeAll(() => openTestBackend('webgpu'));
afterEach(async () => {
  expect(await takeGpuErrors()).toEqual([]);
});

const backend = () => internalsOf(tf.backend());

describe('a recorded step', () => {
  it('takes new inputs, from the device and from the host, and gives tensors in lists and objects', async () => {
    const step = (x: tf.Tensor, y: tf.Tensor) => ({ product: tf.matMul(tf.relu(x), y), list: [tf.sum(x), y] as const });
    const captured = captureStep(step as never) as unknown as typeof step & { statistics: object; dispose(): void };
    const before = tf.memory();
    for (let i = 0; i < 5; i++) {
      const inputs = [randomTensor([3, 4], i), randomTensor([4, 5], 10 + i)] as const;
      const given = i === 3 ? inputs : (inputs.map((x) => tf.add(x, 0)) as unknown as typeof inputs);
      const result = captured(...given);
      const expected = tf.tidy(() => step(...inputs) as never) as ReturnType<typeof step>;
      expect(await bits(result.product)).toEqual(await bits(expected.product));
      expect(await bits(result.list[0])).toEqual(await bits(expected.list[0]));
      expect(await bits(result.list[1])).toEqual(await bits(inputs[1]));
      expect(result.list[1]).not.toBe(given[1]);
      tf.dispose([...inputs, ...given, result.product, ...result.list, expected.product, expected.list[0]]);
    }
    expect(captured.statistics).toMatchObject({ replays: 3, recordings: 1 });
    captured.dispose();
    expect(captured.statistics).toMatchObject({ recordings: 0, bytes: 0 });
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
  });

  it('is recorded anew where a tensor that it reads is gone, and reads no other one in its place', async () => {
    let table = tf.add(tf.tensor1d([1, 2, 3]), 0);
    const captured = captureStep((x: tf.Tensor) => tf.mul(x, table));
    const call = () => captured(tf.tensor1d([1, 1, 2]));
    for (let i = 0; i < 3; i++) await expect(call()).toBeAllClose([1, 2, 6]);
    table.dispose();
    for (let i = 0; i < 3; i++) tf.add(tf.tensor1d([7, 7, 7]), i); // which take memory of that size
    expect(call).toThrow(TypeError); // as the step does by itself
    table = tf.add(tf.tensor1d([4, 5, 6]), 0);
    for (let i = 0; i < 3; i++) await expect(call()).toBeAllClose([4, 5, 12]);
    expect(captured.statistics).toMatchObject({ recordings: 1, replays: 2 });
    captured.dispose();
  });

  it('is recorded anew where a shape, a type or the key changes, and drops the least recently used beyond a bound', async () => {
    const run = vi.fn((x: tf.Tensor) => tf.sum(x));
    let key = 'a';
    const captured = captureStep(run, { key: () => key, maxBytes: 1e6 });
    const call = async (x: tf.Tensor) => (await captured(x).data())[0];
    for (let i = 0; i < 3; i++) expect(await call(tf.ones([2]))).toBe(2);
    for (let i = 0; i < 3; i++) expect(await call(tf.ones([5]))).toBe(5);
    for (let i = 0; i < 3; i++) expect(await call(tf.ones([5], 'int32'))).toBe(5);
    key = 'b';
    for (let i = 0; i < 3; i++) expect(await call(tf.ones([5]))).toBe(5);
    expect(run).toHaveBeenCalledTimes(8);
    expect(captured.statistics).toMatchObject({ replays: 4, recordings: 4 });
    expect(await call(tf.cast(tf.ones([5], 'int32'), 'float32'))).toBe(5);
    expect(run).toHaveBeenCalledTimes(9);
    captured.dispose();

    const bounded = captureStep((x: tf.Tensor) => tf.sum(x), { maxBytes: 1 });
    for (const size of [2, 3, 4]) for (let i = 0; i < 3; i++) tf.dispose(bounded(tf.ones([size])));
    expect(bounded.statistics).toMatchObject({ replays: 3, recordings: 1, dispatches: 1 });
    bounded.dispose();
  });

  it('waits for a step to settle: what the first calls make stays', async () => {
    let slot: tf.Variable | undefined;
    let cache: tf.Tensor | undefined;
    const captured = captureStep((x: tf.Tensor) => {
      slot ??= tf.variable(tf.mul(x, 0));
      cache ??= tf.keep(tf.add(x, 100));
      slot.assign(tf.add(slot, x) as never);
      return tf.add(slot, cache);
    });
    for (let i = 1; i <= 6; i++) await expect(captured(tf.tensor1d([i]))).toBeAllClose([101 + (i * (i + 1)) / 2]);
    expect(captured.statistics).toMatchObject({ replays: 3, recordings: 1 });
    await expect(slot!).toBeAllClose([21]);
  });

  it('tells kernels to forget', () => {
    const forget = vi.fn();
    const end = forgetAtRecordings(forget);
    const captured = captureStep((x: tf.Tensor) => tf.square(x));
    captured(tf.ones([2]));
    expect(forget).toHaveBeenCalledTimes(2);
    captured(tf.ones([2]));
    captured(tf.ones([2]));
    expect(forget).toHaveBeenCalledTimes(4);
    end();
    captured(tf.ones([3]));
    expect(forget).toHaveBeenCalledTimes(4);
  });

  it('leaves no tensor and no memory behind', () => {
    const v = vector(...new Array(1000).fill(1));
    const captured = captureStep((x: tf.Tensor) => {
      v.assign(tf.add(tf.mul(v, 0.5), x) as never);
      return tf.square(tf.sub(v, x));
    });
    const x = tf.add(tf.ones([1000]), 0);
    const call = () => captured(x).dispose();
    for (let i = 0; i < 5; i++) call();
    const before = tf.memory();
    for (let i = 0; i < 300; i++) call();
    expect(tf.memory()).toEqual(before);
  });

  it('runs as it is on another backend, and leaves no tensor behind there either', async () => {
    await tf.setBackend('cpu');
    const captured = captureStep((x: tf.Tensor) => tf.neg(tf.square(x)));
    const { numTensors } = tf.memory();
    for (let i = 1; i < 4; i++) {
      const x = tf.tensor1d([i]);
      const result = captured(x);
      expect([...result.dataSync()]).toEqual([-i * i]);
      tf.dispose([x, result]);
    }
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(captured.statistics.replays).toBe(0);
    await tf.setBackend('webgpu');
  });

  it("is not recorded while TF.js looks at each of its kernels, and leaves TF.js's clock alone", async () => {
    const captured = captureStep((x: tf.Tensor) => tf.sum(tf.square(x)));
    const x = tf.fill([2], 3);
    for (let i = 0; i < 3; i++) {
      const { kernels, result } = await tf.profile(() => captured(x));
      expect(kernels.map(({ name }) => name)).toEqual(['Square', 'Sum']);
      await expect(result as tf.Tensor).toBeAllClose(18);
    }
    expect(captured.statistics.replays).toBe(0);
    for (let i = 0; i < 3; i++) await expect(captured(x)).toBeAllClose(18);
    captured.dispose();
    memoryOf(backend()).trimTo(0);
    await tf.profile(() => captured(x));
    expect(captured.statistics.replays).toBe(1);
  });

  it('is not recorded while TF.js only compiles', async () => {
    const captured = captureStep((x: tf.Tensor) => tf.atan(tf.sinh(x)));
    const call = () => captured(tf.tensor1d([1]));
    tf.env().set('WEBGPU_ENGINE_COMPILE_ONLY', true);
    for (let i = 0; i < 3; i++) call();
    tf.env().set('WEBGPU_ENGINE_COMPILE_ONLY', false);
    await (tf.backend() as unknown as { checkCompileCompletionAsync(): Promise<void> }).checkCompileCompletionAsync();
    for (let i = 0; i < 3; i++) await expect(call()).toBeAllClose([Math.atan(Math.sinh(1))]);
    expect(captured.statistics.replays).toBe(1);
    captured.dispose();
  });
});
