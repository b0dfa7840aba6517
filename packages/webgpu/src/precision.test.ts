import { expectNamedError } from '@stridelab/test-kit';
import { afterEach, expect, it } from 'vitest';
import { getPrecision } from './precision.ts';
import { registerWebgpuTraining, restore, setPrecision, WebgpuError } from './training.ts';

afterEach(() => {
  setPrecision('fast');
  restore();
});

it('is fast, and what is set last', () => {
  expect(getPrecision()).toBe('fast');
  registerWebgpuTraining({ precision: 'exact' });
  expect(getPrecision()).toBe('exact');
  registerWebgpuTraining();
  expect(getPrecision()).toBe('exact');
  setPrecision('fast');
  expect(getPrecision()).toBe('fast');
});

it('has two values', async () => {
  await expectNamedError(
    () => setPrecision('half' as never),
    WebgpuError,
    "webgpu.setPrecision: precision must be 'fast' or 'exact', got 'half'",
  );
});
