// 'fast' and its scaling, on emulated matrix units, or on a chip's own.
import '../index.ts';
import { naiveConv2d, randomValues, relativeL2Error } from '@stridelab/test-kit';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Backend, internalsOf } from '../gpu/backend.ts';
import { inPlace } from '../gpu/dispatch.ts';
import { openTiers, SMALL } from '../testing/tiers.ts';
import { force } from './choose.ts';
import { forgetScales, PLACES, scaleOf, scalesOf } from './scale.ts';

const units = (await openTiers())('matrix') ? SMALL.matrix : SMALL.emulated;

beforeAll(() => force(units));
afterAll(() => force({}));

const [ROWS, INNER, COLUMNS] = [33, 24, 36];
const scaledBy = (values: Float32Array, factor: number) => values.map((value) => value * factor);

async function product(a: Float32Array, b: Float32Array): Promise<Float32Array> {
  const c = tf.tidy(() => tf.matMul(tf.tensor2d(a, [ROWS, INNER]), tf.tensor2d(b, [INNER, COLUMNS])));
  const values = await c.data<'float32'>();
  c.dispose();
  return values;
}

function exactProduct(a: Float32Array, b: Float32Array): Float64Array {
  return Float64Array.from({ length: ROWS * COLUMNS }, (_, i) => {
    const [row, column] = [Math.floor(i / COLUMNS), i % COLUMNS];
    let sum = 0;
    for (let k = 0; k < INNER; k++) sum += a[row * INNER + k]! * b[k * COLUMNS + column]!;
    return sum;
  });
}

const a = randomValues(ROWS * INNER, 1);
const b = randomValues(INNER * COLUMNS, 2);

describe("'fast'", () => {
  it('has an error at most 1e-3, and not that of float32', async () => {
    const error = relativeL2Error(await product(a, b), exactProduct(a, b));
    expect(error).toBeLessThan(4e-4);
    expect(error).toBeGreaterThan(1e-5);
  });

  it.each([
    [-40, -40],
    [40, 40],
    [-40, 40],
    [-40, 0],
    [13, -7],
    [0, 40],
  ])('of inputs times 2^%i and 2^%i, the result times their product, bit for bit', async (i, j) => {
    const expected = scaledBy(await product(a, b), 2 ** (i + j));
    expect(await product(scaledBy(a, 2 ** i), scaledBy(b, 2 ** j))).toEqual(expected);
  });

  it.each([
    [2 ** 120, 2 ** -105],
    [2 ** -105, 2 ** 120],
    [2 ** 60, 2 ** 60],
    [2 ** -60, 2 ** -50],
  ])('at the ends of float32: %f and %f', async (i, j) => {
    const [left, right] = [scaledBy(a, i), scaledBy(b, j)];
    expect(relativeL2Error(await product(left, right), exactProduct(left, right))).toBeLessThan(4e-4);
  });

  it('overflows only where the result does', async () => {
    const left = scaledBy(a, 2 ** 100);
    const right = b.map((value, i) => value * 2 ** (i % COLUMNS < 18 ? 20 : 60));
    const exact = exactProduct(left, right);
    const values = await product(left, right);
    for (const [i, value] of values.entries()) {
      const isHuge = Math.abs(exact[i]!) > 2 ** 129;
      if (isHuge) expect(value).toBe(Math.sign(exact[i]!) * Number.POSITIVE_INFINITY);
      else if (i % COLUMNS < 18) expect(Number.isFinite(value)).toBe(true);
    }
  });

  it('keeps rows that are 2^-27 of the others', async () => {
    const rows = a.map((value, i) => (Math.floor(i / INNER) % 2 ? value * 2 ** -27 : value));
    const [values, exact] = [await product(rows, b), exactProduct(rows, b)];
    for (let row = 0; row < ROWS; row++) {
      const part = [row * COLUMNS, (row + 1) * COLUMNS] as const;
      expect(relativeL2Error(values.slice(...part), exact.slice(...part))).toBeLessThan(1e-3);
    }
  });

  it('keeps infinity and NaN where float32 has them', async () => {
    const left = a.slice();
    left[3 * INNER + 1] = Number.POSITIVE_INFINITY;
    left[5 * INNER + 2] = Number.NaN;
    const [values, exact] = [await product(left, b), exactProduct(left, b)];
    for (const [i, value] of values.entries()) {
      if (Number.isFinite(exact[i])) expect(value).toBeCloseTo(exact[i]!, 1);
      else expect(value).toBe(exact[i]);
    }
  });

  it('of zeros is zero', async () => {
    expect(
      new Set(
        await product(
          a.map(() => 0),
          b,
        ),
      ),
    ).toEqual(new Set([0]));
  });
});

it("'exact' has the error of float32, at every scale", async () => {
  force({ ...units, split: true });
  for (const [i, j] of [
    [1, 1],
    [2 ** 40, 2 ** -40],
    [2 ** -40, 2 ** -40],
    [2 ** 100, 2 ** -100],
  ] as const) {
    const [left, right] = [scaledBy(a, i), scaledBy(b, j)];
    expect(relativeL2Error(await product(left, right), exactProduct(left, right))).toBeLessThan(1e-6);
  }
  force(units);
});

it('scales convolutions and their gradients the same', async () => {
  const [xShape, kernelShape] = [
    [2, 6, 5, 4],
    [3, 3, 4, 8],
  ] as [[number, number, number, number], [number, number, number, number]];
  const [x, kernel] = [randomValues(240, 1), randomValues(288, 2)];
  const run = async (scale: number) => {
    const tensors = tf.tidy(() => {
      const inputs = [tf.tensor4d(scaledBy(x, scale), xShape), tf.tensor4d(kernel, kernelShape)] as const;
      const { value, grads } = tf.valueAndGrads((u, v) => tf.conv2d(u as tf.Tensor4D, v as tf.Tensor4D, 1, 'same'))([
        ...inputs,
      ]);
      return [value, ...grads];
    });
    const values = await Promise.all(tensors.map((tensor) => tensor.data<'float32'>()));
    tf.dispose(tensors);
    return values;
  };
  const [y, dx, dKernel] = await run(1);
  const exact = naiveConv2d({ x, xShape, kernel, kernelShape, padding: 'same' }).values;
  expect(relativeL2Error(y!, exact)).toBeLessThan(4e-4);
  const scaled = await run(2 ** -40);
  expect(scaled[0]).toEqual(scaledBy(y!, 2 ** -40));
  expect(scaled[1]).toEqual(dx);
  expect(scaled[2]).toEqual(scaledBy(dKernel!, 2 ** -40));
});

describe('what was found', () => {
  const placeOf = (backend: Backend, x: TensorInfo) => scaleOf(backend, x).place;

  it('is kept, until the tensor is written, everything is forgotten, or its place is taken', () => {
    const backend = internalsOf(tf.backend());
    const x = tf.ones([12]);
    const place = placeOf(backend, x);
    expect(placeOf(backend, x)).toBe(place);
    const rewritten = placeOf(backend, inPlace(backend, x));
    expect(rewritten).not.toBe(place);
    expect(placeOf(backend, x)).toBe(rewritten);
    backend.disposeData(x.dataId); // the owner that inPlace added
    const before = scalesOf(backend);
    forgetScales(backend);
    backend.endComputePassEncoder();
    backend.submitQueue(); // until then what it still has to do needs them
    expect(backend.tensorMap.has(before.dataId)).toBe(false);
    const again = placeOf(backend, x);
    expect(again).toBe(0); // wherever it was before
    const others = Array.from({ length: PLACES - 1 }, () => tf.ones([3]));
    const places = new Set(others.map((other) => placeOf(backend, other)));
    expect(places.has(again)).toBe(false);
    const dispatches = vi.spyOn(backend.device, 'createBindGroup');
    placeOf(backend, others.at(-1)!);
    expect(dispatches).toHaveBeenCalledTimes(0);
    placeOf(backend, x);
    expect(dispatches).toHaveBeenCalledTimes(1);
    dispatches.mockRestore();
    tf.dispose([x, ...others]);
  });

  it('is of new values after they were written in place', async () => {
    const x = tf.fill([4, 4], 2 ** -20);
    const before = tf.matMul(x as tf.Tensor2D, x as tf.Tensor2D);
    await expect(before).toBeAllClose(tf.fill([4, 4], 2 ** -38));
    const backend = internalsOf(tf.backend());
    // Far beyond what float16 takes at the scale from before.
    const twenty = new Float32Array(16).fill(2 ** 20);
    inPlace(backend, x);
    backend.disposeData(x.dataId);
    backend.queue.writeBuffer(backend.tensorMap.get(x.dataId).resource!, 0, twenty);
    const after = tf.matMul(x as tf.Tensor2D, x as tf.Tensor2D);
    await expect(after).toBeAllClose(tf.fill([4, 4], 2 ** 42));
    tf.dispose([x, before, after]);
  });
});
