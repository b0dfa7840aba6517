// Variables that a recorded step moves, and what else it writes over.
import { openTestBackend } from '@stridelab/test-kit';
import { takeGpuErrors } from '@stridelab/test-kit/backends';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { internalsOf } from '../gpu/backend.ts';
import { contentVersion } from '../gpu/contents.ts';
import { dispatch, inPlace } from '../gpu/dispatch.ts';
import { bits, vector } from '../testing/variables.ts';
import { captureStep } from './capture-step.ts';

beforeAll(() => openTestBackend('webgpu'));
afterEach(async () => {
  expect(await takeGpuErrors()).toEqual([]);
});

const backend = () => internalsOf(tf.backend());

/** Doubles a tensor in its own memory. */
function doubleInPlace(x: tf.Tensor): void {
  const info = inPlace(backend(), x);
  dispatch(backend(), DOUBLE, { tensors: { x: info }, workgroups: [x.size, 1, 1] });
  backend().tensorMap.get(info.dataId).refCount--;
}
const DOUBLE = {
  name: 'Double',
  bindings: { x: 'read_write' },
  code: () => '@compute @workgroup_size(1) fn main(@builtin(global_invocation_id) id: vec3u) { x[id.x] *= 2; }',
} as const;

describe('a recorded step', () => {
  it('moves variables as the step does, those that change places too', async () => {
    const run = async (wrap: typeof captureStep) => {
      const [v, w] = [vector(1, 2, 3), vector(5, 6, 7)];
      const captured = wrap((x: tf.Tensor) => {
        const next = tf.add(tf.mul(v, 0.5), x);
        const loss = tf.sum(tf.sub(w, next));
        v.assign(w as never);
        w.assign(next as never);
        return [loss, v, tf.clone(w)];
      });
      const numbers = [];
      for (let i = 0; i < 6; i++) {
        for (const tensor of captured(tf.tensor1d([i, 1, 2]))) numbers.push(...(await tensor.data()));
        numbers.push(...(await v.data()));
      }
      return numbers;
    };
    expect(await run(captureStep)).toEqual(await run(((step: unknown) => step) as never));
  });

  it('hands values on from variable to variable, in whichever order they were made', async () => {
    const run = async (wrap: typeof captureStep) => {
      const row = [vector(1), vector(2), vector(3), vector(4)];
      const captured = wrap((x: tf.Tensor) => {
        const [a, b, c, d] = row.map((v) => tf.clone(v));
        for (const [i, value] of [x, a!, d!, c!].entries()) row[i]!.assign(value as never);
        return tf.sub(b!, c!);
      });
      const numbers = [];
      for (let i = 0; i < 7; i++) {
        if (i === 5) tf.tidy(() => row[1]!.assign(tf.tensor1d([20])));
        for (const tensor of [captured(tf.tensor1d([10 * i])), ...row]) numbers.push(...(await tensor.data()));
      }
      return numbers;
    };
    expect(await run(captureStep)).toEqual(await run(((step: unknown) => step) as never));
  });

  it('goes on from what somebody assigned, and leaves alone what shares memory with a variable', async () => {
    const v = vector(1, 2);
    const captured = captureStep(() => {
      v.assign(tf.add(v, 1) as never);
      return tf.sum(v);
    });
    const sums = [];
    const clones = [];
    for (let i = 0; i < 10; i++) {
      if (i === 5) tf.tidy(() => v.assign(tf.tensor1d([10, 20])));
      if (i === 7) v.assign(clones[0]! as never);
      clones.push(v.clone() as tf.Tensor);
      sums.push(...(await captured().data()));
    }
    expect(captured.statistics.replays).toBe(8);
    expect(sums).toEqual([5, 7, 9, 11, 13, 32, 34, 5, 7, 9]);
    const kept = await Promise.all(clones.map(async (clone) => [...(await clone.data())]));
    expect(kept.map(([first]) => first)).toEqual([1, 2, 3, 4, 5, 10, 11, 1, 2, 3]);
  });

  it('leaves alone what shares memory with a variable that it only reads', async () => {
    const v = tf.tidy(() => tf.variable(tf.add(tf.tensor1d([1, 2]), 0)));
    const captured = captureStep((x: tf.Tensor) => tf.mul(v, x));
    for (let i = 0; i < 2; i++) captured(tf.ones([2]));
    const clone = v.clone();
    tf.tidy(() => v.assign(tf.add(tf.tensor1d([3, 4]), 0) as never));
    await expect(captured(tf.ones([2]))).toBeAllClose([3, 4]);
    await expect(clone).toBeAllClose([1, 2]);
    await expect(v).toBeAllClose([3, 4]);
    expect(captured.statistics.replays).toBe(1);
  });

  it('drops values that the host has read of what it overwrites, and of reads under way', async () => {
    const [assigned, doubled] = [vector(1), vector(1)];
    const captured = captureStep(() => {
      assigned.assign(tf.mul(assigned, 2) as never);
      doubleInPlace(doubled);
      return [];
    });
    for (let i = 1; i <= 6; i++) {
      captured();
      const version = contentVersion(doubled.dataId);
      for (const v of [assigned, doubled]) {
        expect([...(await v.data())], `call ${i}`).toEqual([2 ** i]);
        const cached = backend().tensorMap.get(v.dataId).values;
        expect(cached && Array.from(cached)).toEqual([2 ** i]);
      }
      expect(contentVersion(doubled.dataId)).toBe(version);
    }
    const reads = [];
    for (let i = 7; i <= 9; i++) {
      captured();
      reads.push(assigned.data(), doubled.data());
    }
    captured();
    expect((await Promise.all(reads)).map(([value]) => value)).toEqual([128, 128, 256, 256, 512, 512]);
    for (const v of [assigned, doubled]) {
      expect(backend().tensorMap.get(v.dataId).values).toBeNull();
      expect([...(await v.data())]).toEqual([1024]);
    }
  });

  it('keeps constants that the host uploads, and hands a kernel that overwrites one a copy', async () => {
    const captured = captureStep((x: tf.Tensor) => {
      const constant = tf.tensor1d([1, 2, 3]);
      const before = tf.add(x, constant);
      doubleInPlace(constant);
      return tf.add(before, constant);
    });
    for (let i = 0; i < 4; i++) await expect(captured(tf.tensor1d([i, 0, 0]))).toBeAllClose([i + 3, 6, 9]);
    expect(captured.statistics.replays).toBe(2);
  });

  it("follows the learning rate of TF.js's optimizers that keep it in a tensor", async () => {
    const run = async (wrap: typeof captureStep) => {
      const v = vector(1, 2, 3);
      const optimizer = tf.train.momentum(0.1, 0.9);
      const captured = wrap((x: tf.Tensor) => {
        return optimizer.minimize(() => tf.sum(tf.square(tf.sub(v, x))), true, [v]) as tf.Tensor;
      });
      const numbers = [];
      for (let i = 0; i < 10; i++) {
        if (i === 5) (optimizer as unknown as { setLearningRate(rate: number): void }).setLearningRate(0.01);
        numbers.push(await bits(captured(tf.tensor1d([i, 1, 2]))), await bits(v));
      }
      return { numbers, captured };
    };
    const { numbers, captured } = await run(captureStep);
    expect(numbers).toEqual((await run(((step: unknown) => step) as never)).numbers);
    expect(captured.statistics.replays).toBe(5);
    captured.dispose();
  });
});
