// Bounds of magnitudes that the products of a chain leave, for the products that read them.
import '../index.ts';
import { openTestBackend, randomValues } from '@stridelab/test-kit';
import { takeGpuErrors } from '@stridelab/test-kit/backends';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Backend, internalsOf } from '../gpu/backend.ts';
import { pipelinesOf } from '../testing/pipelines.ts';
import { openTiers, SMALL, withChoice } from '../testing/tiers.ts';
import { forgetPacked, packsOf } from './packed.ts';
import { forgetScales, PLACES, scaleOf } from './scale.ts';
import { MOST_SLACK } from './scale-code.ts';

const units = (await openTiers())('matrix') ? SMALL.matrix : SMALL.emulated;
const SHAPE = [6, 16, 16, 8];

let backend: Backend;
beforeAll(async () => {
  await openTestBackend('webgpu');
  backend = internalsOf(tf.backend());
});
beforeEach(() => {
  forgetScales(backend);
  forgetPacked(backend);
});

const tensorOf = (shape: number[], seed: number, change = (value: number, _i: number) => value) =>
  tf.tensor(randomValues(tf.util.sizeFromShape(shape), seed).map(change), shape);

const matrixOf = (rows: number, n: number, seed: number) => tensorOf([rows, n], seed);
/** Both axes of images, and both again. */
const matrices = () => [matrixOf(12, 16, 2), matrixOf(12, 16, 3), matrixOf(16, 12, 4), matrixOf(16, 12, 5)];

/** Products with the last axis of an image and the one before in turn. */
function chained(x: tf.Tensor, given: tf.Tensor[]): tf.Tensor {
  const [batch, , , channels] = x.shape as [number, number, number, number];
  let [height, width] = [x.shape[1]!, x.shape[2]!];
  const inner: number[] = [];
  for (const [i, { shape }] of given.entries()) {
    inner.push(i % 2 ? width : 1);
    if (i % 2) height = shape[0]!;
    else width = shape[0]!;
  }
  const inputs = { x, ...Object.fromEntries(given.map((matrix, i) => [`matrix${i}`, matrix])) };
  const attrs = { inner, channels, shape: [batch, height, width, channels] };
  return tf.engine().runKernel('StridelabProductChain', inputs, attrs) as tf.Tensor;
}

/** The same in float64. */
function expected(x: Float32Array, given: { values: Float32Array; shape: number[] }[]): Float64Array {
  let [values, height, width] = [Float64Array.from(x), SHAPE[1]!, SHAPE[2]!];
  const [batch, , , channels] = SHAPE as [number, number, number, number];
  for (const [i, { values: matrix, shape }] of given.entries()) {
    const [rows, n] = shape as [number, number];
    const [outer, after] = i % 2 ? [batch, width * channels] : [batch * height, channels];
    const next = new Float64Array(outer * rows * after);
    for (let o = 0; o < outer; o++)
      for (let r = 0; r < rows; r++)
        for (let k = 0; k < n; k++)
          for (let a = 0; a < after; a++)
            next[(o * rows + r) * after + a]! += matrix[r * n + k]! * values[(o * n + k) * after + a]!;
    values = next;
    if (i % 2) height = rows;
    else width = rows;
  }
  return values;
}

async function errorOf(x: tf.Tensor, given: tf.Tensor[]): Promise<number> {
  const y = tf.tidy(() => chained(x, given));
  const [actual, xs] = [await y.data<'float32'>(), await x.data<'float32'>()];
  const read = await Promise.all(given.map(async (m) => ({ values: await m.data<'float32'>(), shape: m.shape })));
  const right = expected(xs, read);
  y.dispose();
  const squares = right.reduce(([off, all], v, i) => [off! + (actual[i]! - v) ** 2, all! + v * v], [0, 0]);
  return Math.sqrt(squares[0]! / squares[1]!);
}

const searches = (work: () => tf.Tensor) =>
  pipelinesOf(work).filter((label) => label.startsWith('StridelabLargest')).length;

it('are what the next product takes, and the one after the chain', async () => {
  await withChoice(units, async () => {
    const [x, [first, second, third]] = [tensorOf(SHAPE, 1), matrices()];
    // Of the images and of the matrices.
    expect(searches(() => chained(x, [first!]))).toBe(2);
    expect(searches(() => chained(x, [first!, second!, third!]))).toBe(2);
    const filter = tensorOf([3, 3, 8, 8], 6) as tf.Tensor4D;
    expect(searches(() => tf.conv2d(chained(x, [first!]) as tf.Tensor4D, filter, 1, 'same'))).toBe(1);
    tf.dispose([x, filter]);
  });
  expect(await takeGpuErrors()).toEqual([]);
});

it('are left no more where they might be too large by too much', async () => {
  await withChoice(units, async () => {
    const [x, given] = [tensorOf(SHAPE, 1), matrices()];
    const y = tf.tidy(() => chained(x, given.slice(0, 3)));
    const { slack } = scaleOf(backend, y);
    expect(slack).toBe(4 + 4 + Math.log2(12));
    expect(slack + 4).toBeLessThan(MOST_SLACK);
    // The fourth product leaves its own, too; one more does not, and what it makes is looked at.
    const z = tf.tidy(() => chained(x, given));
    expect(scaleOf(backend, z).slack).toBe(8 + 2 * Math.log2(12));
    expect(searches(() => chained(z, [given[0]!, given[1]!]))).toBe(1);
    tf.dispose([x, y, z]);
  });
});

describe('lose nothing', () => {
  it.each([-40, -14, 0, 13, 40])('of numbers times 2^%i', async (k) => {
    await withChoice(units, async () => {
      const x = tensorOf(SHAPE, 1, (value) => value * 2 ** k);
      expect(await errorOf(x, matrices())).toBeLessThan(1e-3);
      x.dispose();
    });
  });

  it('where terms without the other operand would be too large for a float', async () => {
    await withChoice(units, async () => {
      const x = tensorOf(SHAPE, 1, (value) => value * 2 ** -100);
      const [first, second, third] = matrices();
      const [huge, small] = [tf.mul(first!, 2 ** 123), tf.mul(third!, 2 ** -23)];
      expect(await errorOf(x, [huge, second!, small])).toBeLessThan(1e-3);
      tf.dispose([x, huge, small]);
    });
  });

  it('of an image that is far smaller than the others', async () => {
    await withChoice(units, async () => {
      const size = tf.util.sizeFromShape(SHAPE) / SHAPE[0]!;
      const values = randomValues(size * SHAPE[0]!, 1);
      const small = (scale: number) =>
        tf.tensor(
          values.map((v, i) => (i < size ? v * scale : v)),
          SHAPE,
        );
      const given = matrices();
      const firstOf = async (x: tf.Tensor) => (await chained(x, given).data<'float32'>()).slice(0, 12 * 12 * 8);
      const [usual, scaled] = [await firstOf(small(1)), await firstOf(small(2 ** -10))];
      const off = usual.reduce((sum, v, i) => sum + (v - scaled[i]! * 2 ** 10) ** 2, 0);
      expect(Math.sqrt(off / usual.reduce((sum, v) => sum + v * v, 0))).toBeLessThan(1e-3);
    });
  });

  it('of zeros and of what is not finite', async () => {
    await withChoice(units, async () => {
      const [first, second] = matrices();
      const zeros = await chained(tf.zeros(SHAPE), [first!, second!]).data();
      expect(zeros.every((v) => v === 0)).toBe(true);
      const x = tensorOf(SHAPE, 1, (value, i) => (i === 0 ? Number.POSITIVE_INFINITY : value));
      const y = await chained(x, [first!, second!]).data<'float32'>();
      const perImage = 12 * 12 * 8;
      expect([...y.slice(0, perImage)].some((v) => !Number.isFinite(v))).toBe(true);
      expect([...y.slice(perImage)].every(Number.isFinite)).toBe(true);
      const largest = tf.fill(SHAPE, 3e38);
      const huge = await chained(largest, [tf.eye(16), tf.eye(16)]).data<'float32'>();
      expect(Math.min(...huge)).toBeGreaterThan(2.99e38);
    });
  });
});

it('are another scale than what is found anew: what was packed by them is packed again', async () => {
  await withChoice({ ...units, packFrom: 0 }, async () => {
    const [x, [first]] = [tensorOf(SHAPE, 1), matrices()];
    const y = tf.tidy(() => chained(x, [first!])) as tf.Tensor4D;
    const filter = tensorOf([3, 3, 8, 8], 6) as tf.Tensor4D;
    const work = () => tf.tidy(() => tf.conv2d(y, filter, 1, 'same'));
    const before = await work().data();
    expect(packsOf(backend).has(y)).toBe(true);
    // As after more scales than are kept: the bound is gone, and the packed numbers are not.
    forgetScales(backend);
    expect(pipelinesOf(work).filter((label) => label.startsWith('StridelabPack'))).not.toEqual([]);
    const after = await work().data();
    let [off, all] = [0, 0];
    for (const [i, v] of before.entries()) [off, all] = [off + (v - after[i]!) ** 2, all + v * v];
    expect(Math.sqrt(off / all)).toBeLessThan(1e-3);
    tf.dispose([x, y, filter]);
  });
});

it('are given up between two products, not within one', async () => {
  await withChoice({ ...units, packFrom: 0 }, async () => {
    const [x, [first]] = [tensorOf(SHAPE, 1), matrices()];
    const y = tf.tidy(() => chained(x, [first!])) as tf.Tensor4D;
    const filters = () => tensorOf([3, 3, 8, 8], 6) as tf.Tensor4D;
    const worked = (filter: tf.Tensor4D) => tf.tidy(() => tf.conv2d(y, filter, 1, 'same')).data();
    const before = await worked(filters());
    const { serial } = scaleOf(backend, y);
    // Until the scale of another filter, when it is looked for, is the first one for which that of y is too old.
    const one = () => tf.tidy(() => scaleOf(backend, tf.scalar(1)).serial);
    while (one() - serial < PLACES - 4);
    expect(scaleOf(backend, y).serial).toBe(serial);
    expect(await worked(filters())).toEqual(before);
    expect(scaleOf(backend, y).serial).not.toBe(serial);
    tf.dispose([x, y]);
  });
});
