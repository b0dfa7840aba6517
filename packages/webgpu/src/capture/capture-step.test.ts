import { expectNamedError, openTestBackend, randomTensor } from '@stridelab/test-kit';
import { takeGpuErrors } from '@stridelab/test-kit/backends';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { CaptureError } from '../errors.ts';
import { internalsOf } from '../gpu/backend.ts';
import { contentVersion } from '../gpu/contents.ts';
import { dispatch, inPlace } from '../gpu/dispatch.ts';
import { forgetAtRecordings } from '../gpu/recordings.ts';
import { memoryOf } from '../memory/memory.ts';
import { captureStep } from './capture-step.ts';

beforeAll(() => openTestBackend('webgpu'));
afterEach(async () => {
  expect(await takeGpuErrors()).toEqual([]);
});

const vector = (...values: number[]) => tf.tidy(() => tf.variable(tf.tensor1d(values)));
const bits = async (tensor: tf.Tensor) => [...new Uint32Array((await tensor.data()).slice().buffer)];
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

describe('a step that cannot be recorded', () => {
  const x = () => tf.ones([4]);
  const calls =
    (captured: (x: tf.Tensor) => unknown, count = 5) =>
    () => {
      for (let i = 0; i < count; i++) captured(x());
    };
  let count = 0;
  const other = vector(0, 0, 0, 0);
  const kept: tf.Tensor[] = [];
  const cases: [string, (x: tf.Tensor) => tf.Tensor, string | RegExp][] = [
    [
      'reads',
      (x) => {
        const y = tf.add(x, 1);
        void y.data();
        return y;
      },
      'the step must not read tensors: return them, and read what it returns, got {shape: [4]}',
    ],
    [
      'random numbers',
      (x) => tf.add(x, tf.randomNormal([4])),
      "what the host computes must be the same in every call, or pass it as an input, got 'other values in a float32 tensor of shape [4]'",
    ],
    [
      'random numbers that are equal by chance',
      (x) => (Math.random() < 2 ? tf.add(x, 1) : x),
      "random numbers must not be drawn within the step, but be inputs, got 'Math.random'",
    ],
    [
      'a number in a tensor',
      (x) => tf.mul(x, 0.1 * count++),
      "what the host computes must be the same in every call, or pass it as an input, got 'other values in a float32 tensor of shape []'",
    ],
    [
      'a number in a program',
      (x) => tf.clipByValue(x, 0, count++),
      /^numbers must be the same in every call, or pass it as an input that is a tensor, got 'another in Clip/,
    ],
    [
      'other operations',
      (x) => (count++ % 2 ? tf.square(x) : tf.matMul(tf.reshape(x, [2, 2]), tf.reshape(x, [2, 2]))),
      /^the step must run the same operations in every call, or say by `key` what they depend on, got '.+ in the place of .+'$/,
    ],
    [
      'other tensors',
      (x) =>
        tf.add(
          x,
          tf.tidy(() => kept[count++ % 2]!),
        ),
      /^the tensors of the program that it reads must be the same in every call; if not, pass it as an input, got '/,
    ],
    [
      'another one of its tensors as the result',
      (x) => [tf.square(x), tf.add(x, 1)][count++ % 2]!,
      "the tensors of the program that it reads must be the same in every call; if not, pass it as an input, got 'result'",
    ],
    [
      'another place for its result',
      (x) => {
        const sum = tf.add(x, 1);
        return (count++ % 2 ? [sum] : { sum }) as never;
      },
      "the step must run the same operations in every call, or say by `key` what they depend on, got 'result in the place of result'",
    ],
    [
      'another value for a variable, which it computed in every call',
      (x) => {
        const values = [tf.square(x), tf.add(x, 1)];
        other.assign(values[count++ % 2] as never);
        return x;
      },
      /^the tensors of the program that it reads must be the same in every call; if not, pass it as an input, got 'new value of /,
    ],
    [
      'its input disposed of',
      (x) => {
        const y = tf.square(x);
        x.dispose();
        return y;
      },
      'inputs, of which the step gets copies, must be disposed of by its caller, got {shape: [4]}',
    ],
    [
      'what outlives it',
      (x) => {
        tf.keep(tf.add(x, 1));
        return x;
      },
      "tensors of the step must not outlive it, but for those that it returns and the values of variables, got 'one of shape [4]'",
    ],
  ];

  beforeAll(() => {
    kept.push(tf.add(tf.ones([4]), 0), tf.add(tf.ones([4]), 1));
  });

  it.each(cases)('is refused: %s', async (_, step, rule) => {
    const message =
      typeof rule === 'string'
        ? `webgpu.captureStep: ${rule}`
        : new RegExp(rule.source.replace('^', '^webgpu\\.captureStep: '));
    const before = tf.memory().numTensors;
    await expectNamedError(calls(captureStep(step)), CaptureError, message);
    expect(tf.memory().numTensors).toBeGreaterThanOrEqual(before);
    tf.tidy(() => other.assign(tf.zeros([4])));
    await expect(tf.add(other, 1)).toBeAllClose([1, 1, 1, 1]);
  });

  it.each(cases)('or is run as it is, where somebody hears of it: %s', async (_, step, __) => {
    const onRefused = vi.fn();
    const captured = captureStep(step, { onRefused });
    calls(captured)();
    expect(onRefused).toHaveBeenCalledTimes(1);
    expect(captured.statistics).toEqual({ replays: 0, recordings: 0, bytes: 0, dispatches: 0 });
  });

  it('is refused: a variable that it moves as its input', () => {
    const v = vector(1);
    const captured = captureStep((w: tf.Tensor) => {
      v.assign(tf.add(v, 1) as never);
      return tf.mul(w, 2);
    });
    expect(() => captured(v)).toThrow(/must not be variables that it moves/);
    captured(tf.ones([1]));
  });

  it('gives the right results until then', async () => {
    const v = vector(0);
    const onRefused = vi.fn();
    const captured = captureStep(
      (x: tf.Tensor) => {
        v.assign(tf.add(v, tf.scalar(++count)) as never);
        return tf.add(v, x);
      },
      { onRefused },
    );
    count = 0;
    for (const sum of [1, 3, 6, 10]) await expect(captured(tf.tensor1d([0.5]))).toBeAllClose([sum + 0.5]);
    expect(onRefused).toHaveBeenCalledTimes(1);
  });

  it('leaves everything as it was where the step throws', async () => {
    const v = vector(1);
    const captured = captureStep((x: tf.Tensor) => {
      v.assign(tf.add(v, x) as never);
      if (count) throw new RangeError('mine');
      return tf.add(v, 1);
    });
    count = 1;
    expect(() => captured(tf.ones([1]))).toThrow('mine');
    await expect(v).toBeAllClose([2]);
    count = 0;
    for (let i = 3; i < 7; i++) await expect(captured(tf.ones([1]))).toBeAllClose([i + 1]);
    await expect(v).toBeAllClose([6]);
  });

  it.each<[string, () => unknown, string]>([
    ['no function', () => captureStep(3 as never), 'step must be a function, got 3'],
    ['a bound', () => captureStep(x, { maxBytes: -1 }), 'maxBytes must be a number >= 0, got -1'],
    [
      'no tensor',
      () => captureStep((y) => y)(3 as never),
      'input 0 must be a tensor of numbers, neither empty nor complex, got 3',
    ],
    [
      'a result',
      () => captureStep(() => 3 as never)(),
      'the step must return tensors, or lists or objects of them, got 3',
    ],
    [
      'an empty result',
      () => captureStep(() => tf.zeros([0, 2]))(),
      "the step must return tensors of numbers, none of them empty or complex, got 'float32 of shape [0, 2]'",
    ],
    [
      'a tape',
      () => tf.grad((y: tf.Tensor) => captureStep((z: tf.Tensor) => tf.square(z))(y))(x()),
      "a recorded step must not be called where a gradient is taken of it, got 'a call under a tape'",
    ],
    [
      'another step',
      () => captureStep((y: tf.Tensor) => captureStep((z: tf.Tensor) => tf.square(z))(y))(x()),
      "a step must not be called within another one that is recorded, got 'such a call'",
    ],
    ['time', () => captureStep(x).time(), /^a step must have been recorded to be timed, got /.source],
  ])('refuses a wrong call: %s', async (_, call, rule) => {
    const message = rule.startsWith('^') ? /a step must have been recorded to be timed/ : `webgpu.captureStep: ${rule}`;
    await expectNamedError(async () => call(), CaptureError, message);
  });
});
