import { openTestBackend } from '@stridelab/test-kit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SMALL } from '../../../packages/webgpu/src/testing/tiers.ts';
import { restore } from '../../../packages/webgpu/src/training.ts';
import { PRODUCT_HEADER, productRows, timeProducts } from './gemm.ts';

beforeAll(() => openTestBackend('webgpu'));
afterAll(restore);

// Others take long to compile for a GPU in software.
const tiles = { plain: [SMALL.plain.tile], emulated: [SMALL.emulated.tile] };
const tiny = { tiny: true, tiles, rounds: 1, atLeast: 0 };

it('times and checks products', async () => {
  const timings = await timeProducts({ ...tiny, tiers: ['plain', 'emulated'], parts: [1], split: true, only: 'to 8' });
  expect(timings.map(({ what, tier, split }) => `${what}: ${tier}${split ? ', split' : ''}`)).toEqual(
    ['forward', 'd input', 'd filter'].flatMap((direction) =>
      ['plain', 'emulated', 'emulated, split'].map((tier) => `4x4x4 to 8, ${direction}: ${tier}`),
    ),
  );
  for (const { ms, msWithScales, tflops, error, tier, split } of timings) {
    expect(ms).toBeGreaterThan(0);
    expect(msWithScales).toBeGreaterThan(0);
    expect(tflops).toBeGreaterThan(0);
    expect(error).toBeLessThan(tier === 'emulated' && !split ? 1e-3 : 1e-6);
  }
  for (const row of productRows(timings)) expect(row.length).toBe(PRODUCT_HEADER.length);
});

it('times packed operands beside others, where there are any', async () => {
  const options = { ...tiny, tiers: ['plain', 'emulated'], parts: [1], packed: true } as const;
  const timings = await timeProducts({ ...options, only: 'to 8, forward' });
  expect(timings.map(({ tier, packed }) => [tier, packed])).toEqual([
    ['plain', false],
    ['emulated', false],
    ['emulated', true],
  ]);
  expect(timings[2]!.error).toBe(timings[1]!.error);
  expect(timings[2]!.msWithScales).toBeGreaterThan(0);
  expect(productRows(timings).flat()).toContain('emulated, packed');
  // Four channels are too few.
  expect((await timeProducts({ ...options, only: '4x4x4 to 4 / 2' })).some(({ packed }) => packed)).toBe(false);
});

it('times matrix products, and in parts', async () => {
  const timings = await timeProducts({ ...tiny, tiers: ['plain'], parts: [1, 2], only: ' x ' });
  expect(timings.map(({ parts }) => parts)).toEqual([1, 2, 1, 2, 1, 2]);
});

it('leaves out what is not cut into parts', async () => {
  expect(await timeProducts({ ...tiny, tiers: ['plain'], parts: [2], only: '/ 2' })).toEqual([]);
});
