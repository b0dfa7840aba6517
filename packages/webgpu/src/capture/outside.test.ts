// What a program does to its tensors and variables between the calls of a step that was recorded.
import { DiffStride } from '@stridelab/diffstride';
import { openTestBackend, randomTensor } from '@stridelab/test-kit';
import { takeGpuErrors } from '@stridelab/test-kit/backends';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CaptureError } from '../errors.ts';
import { internalsOf } from '../gpu/backend.ts';
import { vector } from '../testing/variables.ts';
import { captureStep } from './capture-step.ts';

beforeAll(() => openTestBackend('webgpu'));
afterEach(async () => {
  expect(await takeGpuErrors()).toEqual([]);
});

const CALLS = 6;
const assign = (variable: tf.Variable, ...values: number[]) => tf.tidy(() => variable.assign(tf.tensor1d(values)));

/** What a step gives of [2] in each call, with something done before the call of that number. */
async function play(step: (x: tf.Tensor) => tf.Tensor, before: (call: number) => void) {
  const captured = captureStep(step);
  const given: number[] = [];
  for (let i = 0; i < CALLS; i++) {
    before(i);
    const result = tf.tidy(() => captured(tf.tensor1d([2])));
    given.push((await result.data())[0]!);
    result.dispose();
  }
  const { replays } = captured.statistics;
  captured.dispose();
  return { given, replays };
}

describe('a variable that only the host has', () => {
  it.each<[string, (rate: tf.Variable) => tf.Tensor, number, number]>([
    ['neg', (rate) => tf.neg(rate), -2, -20],
    ['mul', (rate) => tf.mul(rate, 2), 4, 40],
    ['sub', (rate) => tf.sub(1, rate), 0, -18],
    ['concat', (rate) => tf.slice(tf.concat([rate, rate]), 1, 1), 2, 20],
  ])('is read anew by every replay: %s', async (_, of, first, last) => {
    const rate = vector(1);
    const { given, replays } = await play(
      (x) => tf.mul(x, of(rate)),
      (i) => i === 4 && assign(rate, 10),
    );
    expect(given).toEqual([first, first, first, first, last, last]);
    expect(replays).toBe(4);
    rate.dispose();
  });

  it('makes a new recording of a step that looks at its values, where they change', async () => {
    const rate = vector(1);
    const { given, replays } = await play(
      (x) => tf.mul(x, rate.dataSync()[0]!),
      (i) => i === 3 && assign(rate, 10),
    );
    expect(given).toEqual([2, 2, 2, 20, 20, 20]);
    expect(replays).toBe(2);
    rate.dispose();
  });

  it('may be the strides of a frozen DiffStride layer', async () => {
    const layer = new DiffStride({ strides: 2, smoothnessFactor: 1, trainable: false });
    const images = tf.tidy(() => randomTensor([1, 8, 8, 1], 1));
    tf.tidy(() => void layer.apply(images));
    const captured = captureStep((x: tf.Tensor) => layer.apply(x, { training: true }) as tf.Tensor);
    const sizes = new Set<number | undefined>();
    for (let i = 0; i < 8; i++) {
      if (i === 4) tf.tidy(() => layer.strides.assign(tf.tensor1d([1.3, 1.3])));
      const [given, expected] = [captured(images), tf.tidy(() => layer.apply(images) as tf.Tensor)];
      sizes.add(given.shape[1]);
      await expect(given).toBeAllClose(expected);
      tf.dispose([given, expected]);
    }
    expect(sizes.size).toBe(2);
    expect(captured.statistics.replays).toBe(4);
    captured.dispose();
    images.dispose();
  });

  it('may be shared and on the device too, once it was read', async () => {
    const rate = tf.tidy(() => tf.variable(tf.add(tf.fill([1], 1), 2)));
    await rate.data();
    const shared = tf.clone(rate);
    const { given, replays } = await play(
      (x) => tf.mul(tf.mul(x, rate.dataSync()[0]!), rate),
      () => {},
    );
    expect(given).toEqual(new Array(CALLS).fill(18));
    expect(replays).toBe(4);
    tf.dispose([rate, shared]);
  });

  it('is no variable to look at in a step that moves it, nor is any other tensor', async () => {
    const rate = vector(1);
    const moving = (x: tf.Tensor) => {
      const factor = rate.dataSync()[0]!;
      rate.assign(tf.add(rate, 1) as never);
      return tf.mul(x, factor);
    };
    await expect(play(moving, () => {})).rejects.toThrow(CaptureError);
    const other = tf.tensor1d([3]);
    await expect(
      play(
        (x) => tf.mul(x, other.dataSync()[0]!),
        () => {},
      ),
    ).rejects.toThrow(/must not read tensors/);
    tf.dispose([rate, other]);
  });
});

describe('a variable that no command of the step reads', () => {
  it.each<[string, (x: tf.Tensor, v: tf.Variable, w: tf.Variable) => tf.Tensor]>([
    ['a result', (_, v) => tf.reshape(v, [1, 1])],
    ['what another variable is assigned', (_, v, w) => w.assign(v as never) ?? w],
  ])('is followed where it is %s', async (_, of) => {
    const [v, w] = [vector(1), vector(0)];
    const { given, replays } = await play(
      (x) => of(x, v, w),
      (i) => {
        if (i === 4) assign(v, 5);
        for (let j = 0; j < 3; j++) tf.fill([1], 7 + j); // which take memory of that size
      },
    );
    expect(given).toEqual([1, 1, 1, 1, 5, 5]);
    expect(replays).toBe(4);
    tf.dispose([v, w]);
  });
});

describe('a complex variable', () => {
  const complex = (real: number) => tf.complex([real], [1]);

  it('is read anew where it was assigned', async () => {
    const init = complex(1);
    await init.data();
    const v = tf.variable(init);
    const { given, replays } = await play(
      (x) => tf.mul(x, tf.real(v)),
      (i) => i === 4 && tf.tidy(() => v.assign(complex(5))),
    );
    expect(given).toEqual([2, 2, 2, 2, 10, 10]);
    expect(replays).toBe(2);
    tf.dispose([init, v]);
  });

  it('is none for the step to move', async () => {
    const v = tf.tidy(() => tf.variable(complex(1)));
    const moving = (x: tf.Tensor) => {
      v.assign(tf.complex(tf.add(tf.real(v), x), tf.imag(v)));
      return x;
    };
    await expect(play(moving, () => {})).rejects.toThrow(/variables that the step moves must not be complex/);
    expect([...(await v.data())]).toEqual([3, 1]);
    v.dispose();
  });
});

it('a variable that was disposed of and made anew is a new one to the step', async () => {
  let v = vector(1);
  const { given, replays } = await play(
    (x) => {
      v.assign(tf.add(v, x) as never);
      return tf.clone(v);
    },
    (i) => {
      if (i !== 3) return;
      v.dispose();
      v = vector(10);
    },
  );
  expect(given).toEqual([3, 5, 7, 12, 14, 16]);
  expect(replays).toBe(2);
  v.dispose();
});

describe('memory that two tensors share when the step is recorded', () => {
  it('is told apart when one of two variables moves', async () => {
    const [w, t] = [vector(1), vector(0)];
    t.assign(w as never);
    const { given, replays } = await play(
      (x) => tf.add(tf.mul(x, w), t),
      (i) => i === 4 && assign(w, 5),
    );
    expect(given).toEqual([3, 3, 3, 3, 11, 11]);
    expect(replays).toBe(4);
    await expect(t).toBeAllClose([1]);
    tf.dispose([w, t]);
  });

  it.each([
    ['on the host', () => tf.tensor1d([1])],
    ['on the device', () => tf.tidy(() => tf.add(tf.fill([1], 0.5), tf.fill([1], 0.5)) as tf.Tensor1D)],
  ])('is told apart when a variable moves away from what it was made of, %s', async (_, make) => {
    const init = make();
    const v = tf.variable(init);
    const { given, replays } = await play(
      (x) => tf.add(tf.mul(x, init), v),
      (i) => i === 4 && assign(v, 5),
    );
    expect(given).toEqual([3, 3, 3, 3, 7, 7]);
    expect(replays).toBe(4);
    tf.dispose([init, v]);
  });
});

describe('a variable whose memory holds integers', () => {
  const integers = {
    'on the host': () => tf.tidy(() => tf.cast(tf.tensor1d([5], 'int32'), 'float32')),
    'on the device': () =>
      tf.tidy(() => tf.cast(tf.add(tf.tensor1d([3], 'int32'), tf.fill([1], 2, 'int32')), 'float32')),
  };
  const put = (variable: tf.Variable, values: tf.Tensor) => {
    variable.assign(values as never);
    values.dispose();
  };

  it.each(Object.entries(integers))('is read as what they are, %s', async (_, make) => {
    const w = vector(1.5);
    const { given, replays } = await play(
      (x) => tf.mul(x, w),
      (i) => i === 4 && put(w, make()),
    );
    expect(given).toEqual([3, 3, 3, 3, 10, 10]);
    expect(replays).toBe(4);
    w.dispose();
  });

  it.each(Object.entries(integers))('is read as floats that are assigned later, %s', async (_, make) => {
    const w = vector(0);
    put(w, make());
    const { given, replays } = await play(
      (x) => tf.mul(x, w),
      (i) => i === 4 && assign(w, 1.5),
    );
    expect(given).toEqual([10, 10, 10, 10, 3, 3]);
    expect(replays).toBe(4);
    w.dispose();
  });
});

describe('a tensor of the program', () => {
  it.each([1, 1000])('that is another one in each call is refused, of size %i', async (size) => {
    let factor: tf.Tensor | undefined;
    const captured = captureStep((x: tf.Tensor) => tf.mul(x, factor!));
    const x = tf.fill([size], 1);
    const call = (i: number) => {
      factor?.dispose();
      factor = tf.fill([size], i);
      return captured(x);
    };
    for (let i = 1; i < 4; i++) expect((await call(i).data())[0]).toBe(i);
    expect(() => call(4)).toThrow(/the tensors of the program that it reads must be the same in every call/);
    captured.dispose();
    tf.dispose([x, factor!]);
  });

  it('that is what the step gave before is refused', async () => {
    let state = tf.fill([1000], 1);
    const captured = captureStep((x: tf.Tensor) => tf.add(x, state));
    const x = tf.fill([1000], 1);
    const call = () => {
      const next = captured(x);
      state.dispose();
      state = next;
    };
    for (let i = 1; i < 4; i++) {
      call();
      expect((await state.data())[0]).toBe(i + 1);
    }
    expect(call).toThrow(/the tensors of the program that it reads must be the same in every call/);
    captured.dispose();
    tf.dispose([x, state]);
  });
});

it('copies of variables that the program keeps do not make recordings hand the variables to and fro', async () => {
  const v = vector(1);
  const captured = captureStep((x: tf.Tensor) => {
    v.assign(tf.add(v, tf.sum(x)) as never);
    return tf.sum(v);
  });
  const call = async (size: number) => (await tf.tidy(() => captured(tf.ones([size]))).data())[0];
  const home = () => internalsOf(tf.backend()).tensorMap.get(v.dataId).resource;
  for (let i = 0; i < 3; i++) expect(await call(1)).toBe(2 + i);
  const before = home();
  const copies = [];
  for (let i = 0; i < 3; i++) {
    copies.push(tf.clone(v));
    expect(await call(10)).toBe(14 + 10 * i);
  }
  expect(home()).toBe(before);
  for (const [i, copy] of copies.entries()) await expect(copy).toBeAllClose([[4, 14, 24][i]!]);
  expect(await call(1)).toBe(35);
  expect(captured.statistics).toMatchObject({ recordings: 2, replays: 3 });
  captured.dispose();
  tf.dispose([v, ...copies]);
});

it('inputs and tensors may be buffers of the program, larger than they are and of another use', async () => {
  const { device } = internalsOf(tf.backend());
  const own = (bytes: number, ...values: number[]) => {
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC;
    const buffer = device.createBuffer({ size: bytes, usage, mappedAtCreation: true });
    new Float32Array(buffer.getMappedRange()).set(values);
    buffer.unmap();
    return tf.tensor({ buffer, zeroCopy: true }, [values.length], 'float32');
  };
  const table = own(8, 10, 20);
  const captured = captureStep((x: tf.Tensor) => [tf.mul(x, table), table]);
  for (let i = 0; i < 6; i++) {
    const [product, same] = tf.tidy(() => captured(i % 2 ? tf.add(tf.tensor1d([i, 1]), 0) : own(16, i, 1)));
    await expect(product!).toBeAllClose([10 * i, 20]);
    await expect(same!).toBeAllClose([10, 20]);
    tf.dispose([product!, same!]);
  }
  expect(captured.statistics.replays).toBe(4);
  captured.dispose();
  table.dispose();
});
