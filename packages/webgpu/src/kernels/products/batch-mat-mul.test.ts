import '../../index.ts';
import { openTestBackend } from '@stridelab/test-kit';
import { PRODUCTS, product } from '@stridelab/test-kit/kernels/matrix-products';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { expectParity, random, valueAndGradients } from '../../testing/parity.ts';
import { openTiers, SMALL, withChoice } from '../../testing/tiers.ts';

const all = Object.keys(PRODUCTS);
const some = [
  'a tile and more',
  'odd',
  'both transposed, odd',
  'one A for all, as spectral layers have it',
  'one number',
];

/** A tier, how far it may be from float32, and cases: what a tier adds does not depend on where operands lie. */
const TIERS = [
  ['plain', SMALL.plain, 1e-5, all],
  ['plain, in three parts', { ...SMALL.plain, parts: 3 }, 1e-5, some],
  ['subgroups', SMALL.subgroups, 1e-5, [...some, 'both transposed', 'A transposed']],
  ['matrix units, emulated', SMALL.emulated, 2e-3, all],
  ['matrix units, emulated, exact, in parts', { ...SMALL.emulated, split: true, parts: 2 }, 3e-6, some],
  ['matrix units', SMALL.matrix, 2e-3, all],
  ['matrix units, two buffers', SMALL['matrix twice'], 2e-3, all],
  ['matrix units, exact', { ...SMALL.matrix, split: true }, 3e-6, all],
] as const;

const hasTier = await openTiers();
const here = TIERS.filter(([, { tier }]) => hasTier(tier));
const elsewhere = TIERS.filter((one) => !here.includes(one)).map(([name]) => name);

it.skip.each(elsewhere)('not on this device: %s', () => {});

describe.each(here)('values and gradients as cpu has them: %s', (_, choice, relative, cases) => {
  it.each(cases)('%s', async (name) => {
    const options = PRODUCTS[name]!;
    const inputs = [random(options.a), random(options.b, 2)];
    const work = options.shared ? product(options) : valueAndGradients(product(options));
    await withChoice(choice, () => expectParity(inputs, work as never, relative));
  });
});

it.each(['plain', 'emulated'] as const)('fused with a bias and an activation: %s', async (tier) => {
  const fused = (a: tf.Tensor, b: tf.Tensor, bias: tf.Tensor) =>
    tf.fused.matMul({ a: a as tf.Tensor2D, b: b as tf.Tensor2D, bias, activation: 'elu' });
  for (const columns of [8, 7]) {
    const inputs = [random([19, 9]), random([9, columns], 2), random([columns], 3)];
    await withChoice(SMALL[tier], () => expectParity(inputs, fused as never, 2e-3));
  }
});

it('of nothing', async () => {
  await openTestBackend('webgpu');
  await expect(tf.matMul(tf.zeros([3, 0]), tf.zeros([0, 2]))).toBeAllClose(tf.zeros([3, 2]));
  expect(tf.matMul(tf.zeros([0, 3]), tf.zeros([3, 2])).shape).toEqual([0, 2]);
});

it.each([
  ['nothing to add up, of fours', [5, 0], [0, 8]],
  ['nothing to add up', [5, 0], [0, 7]],
  ['no rows', [0, 6], [6, 7]],
  ['no columns', [5, 6], [6, 0]],
] as [string, number[], number[]][])('of nothing, with a bias and an activation: %s', async (_, a, b) => {
  const fused = (transposeA: boolean) => (x: tf.Tensor, y: tf.Tensor, bias: tf.Tensor) =>
    tf.fused.matMul({ a: x as tf.Tensor2D, b: y as tf.Tensor2D, transposeA, bias, activation: 'relu' });
  const others = [random(b, 2), random([b[1]!], 3)];
  await expectParity([random(a), ...others], fused(false) as never);
  await expectParity([random(a.toReversed()), ...others], fused(true) as never);
});

it('of a column of columns in more workgroups than one dimension has', async () => {
  await openTestBackend('webgpu');
  // 16 rows a tile.
  const rows = 16 * 65536 + 3;
  const c = await withChoice(SMALL.plain, async () => tf.matMul(tf.fill([rows, 1], 2), tf.fill([1, 1], 3)));
  expect(c.shape).toEqual([rows, 1]);
  await expect(tf.stack([tf.min(c), tf.max(c)])).toBeAllClose([6, 6]);
  c.dispose();
});
