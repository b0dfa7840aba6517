import '../index.ts';
import { openTestBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { expectParity, random, valueAndGradients } from '../testing/parity.ts';

const FUNCTIONS: [string, (x: tf.Tensor) => tf.Tensor, (x: number) => number, domain?: 'positive'][] = [
  ['exp', (x) => tf.exp(x), Math.exp],
  ['expm1', (x) => tf.expm1(x), Math.expm1],
  ['log', (x) => tf.log(x), Math.log, 'positive'],
  ['log1p', (x) => tf.log1p(x), Math.log1p, 'positive'],
  ['selu', (x) => tf.selu(x), (x) => 1.0507009873554805 * (x >= 0 ? x : 1.6732632423543772 * Math.expm1(x))],
  ['softplus', (x) => tf.softplus(x), (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))],
  ['tanh', (x) => tf.tanh(x), Math.tanh],
];

/** Of what numbers are made that are below the normal ones; these are 0. */
const POWERS = ['exp', 'softplus'];

describe.each(FUNCTIONS)('%s', (name, f, exact, domain) => {
  it.each([[[3, 5, 7, 9]], [[16]], [[1]], [[3]], [[]], [[0, 4]], [[64, 1031]]])(
    'of shape %j, against cpu',
    async (shape) => {
      const { values } = random(shape);
      const inside = domain === 'positive' ? Float32Array.from(values, Math.abs) : values;
      await expectParity([{ shape, values: inside }], valueAndGradients(f));
    },
  );

  it('has errors below two units of the last place', async () => {
    await openTestBackend('wasm');
    // All magnitudes that the numbers of a network have, the ends of what has a normal result, and those in the middle closely.
    const sizes = Array.from({ length: 40_000 }, (_, i) => 2 ** (-30 + (36.45 * i) / 40_000));
    const dense = Array.from({ length: 200_000 }, (_, i) => (i + 1) / 100_000);
    const given = [...sizes, ...dense].flatMap((size) => (domain === 'positive' ? [size] : [size, -size]));
    const x = Float32Array.from(given);
    const y = await f(tf.tensor1d(x)).data();
    const worst = x.reduce((most, value, i) => {
      const wanted = exact(value);
      const unit = 2 ** (Math.floor(Math.log2(Math.abs(wanted))) - 23);
      return Math.abs(wanted) < 2 ** -126 ? most : Math.max(most, Math.abs(y[i]! - wanted) / unit);
    }, 0);
    expect(worst).toBeLessThan(2);
    expect(worst).toBeGreaterThan(0.4);
  });

  it('of what is not finite, at both ends, and of numbers that are not normal', async () => {
    await openTestBackend('wasm');
    const ends = [0, Infinity, -Infinity, Number.NaN, 88.72, 88.73, 100, 1e30, -87.33, -87.34, -95, -104, -200, -1e30];
    const x = Float32Array.from([...ends, 2 ** -126, 2 ** -130, -(2 ** -149), 2 ** -31, -(2 ** -29)]);
    const y = await f(tf.tensor1d(x)).data();
    for (const [i, value] of x.entries()) {
      const wanted = Math.fround(exact(value));
      const margin = 2 ** -22 * Math.abs(wanted) + (POWERS.includes(name) ? 2 ** -126 : 0);
      if (Number.isFinite(wanted)) expect(Math.abs(y[i]! - wanted), String(value)).toBeLessThanOrEqual(margin);
      else expect(y[i], String(value)).toBe(wanted);
    }
  });
});

describe('erf', () => {
  it.each([[[3, 5, 7, 9]], [[1]], [[3]], [[]], [[0, 4]], [[64, 1031]]])('of shape %j, against cpu', async (shape) => {
    await expectParity(
      [random(shape)],
      valueAndGradients((x) => tf.erf(x!)),
    );
  });

  it('is off by 2.5e-7 of itself at most, odd, and 1 at the end', async () => {
    await openTestBackend('wasm');
    // 2 / sqrt(pi) (x - x^3 / 3 + x^5 / 10 - ...)
    const exact = (x: number) => {
      let [term, sum] = [x, x];
      for (let n = 1; n < 100; n++) {
        term *= -(x * x) / n;
        sum += term / (2 * n + 1);
      }
      return (2 / Math.sqrt(Math.PI)) * sum;
    };
    const sizes = Array.from({ length: 20_000 }, (_, i) => 2 ** (-40 + (41.5 * i) / 20_000));
    const x = Float32Array.from([...sizes, ...Array.from({ length: 100_000 }, (_, i) => (i + 1) / 50_000)]);
    const y = await tf.erf(tf.tensor1d(x)).data();
    const mirrored = await tf.erf(tf.tensor1d(x.map((value) => -value))).data();
    const worst = x.reduce((most, value, i) => Math.max(most, Math.abs(y[i]! / exact(value) - 1)), 0);
    expect(worst).toBeLessThan(2.5e-7);
    expect(worst).toBeGreaterThan(0);
    expect(mirrored.map((value) => -value)).toEqual(y);
    const ends = tf.tensor1d([0, -0, 20, -20, Infinity, -Infinity, Number.NaN]);
    expect([...(await tf.erf(ends).data())]).toEqual([0, -0, 1, -1, 1, -1, Number.NaN]);
  });
});

it('tanh keeps the sign of zero', async () => {
  await openTestBackend('wasm');
  expect([...(await tf.tanh(tf.tensor1d([-0, 0])).data())]).toEqual([-0, 0]);
});

it('leaves integers to TF.js', async () => {
  await openTestBackend('wasm');
  await expect(tf.exp(tf.tensor1d([0, 1], 'int32'))).toBeAllClose([1, Math.E]);
});
