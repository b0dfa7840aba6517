// Whoever imports our kernels keeps TF.js as it was: what passes of TF.js's own tests still does.
import { beforeAll, expect, it } from 'vitest';
import { bundleTests, runTests } from './run.ts';

/** What ours mean to do otherwise, or what passes by chance. */
const OTHERWISE: Record<string, RegExp[]> = {
  wasm: [
    /^depthwiseConv2d gradients .* throws error on dilations > 1$/, // ours has gradients of dilated convolutions
    /^pool .* fractional outputs default rounding$/, // windows of padding alone, of which TF.js reads what was there before
  ],
  webgpu: [],
};

beforeAll(() => bundleTests());

it.each(['wasm', 'webgpu'] as const)(
  "TF.js's tests of its operations on %s",
  { timeout: 1_200_000 },
  async (backend) => {
    const stock = await runTests(backend, 'stock');
    const ours = await runTests(backend, 'ours');
    expect(stock.passed.length).toBeGreaterThan(2500);
    expect(ours.passed.length + ours.failed.length).toBe(stock.passed.length + stock.failed.length);
    const passed = new Set(stock.passed);
    const lost = ours.failed.filter((name) => passed.has(name));
    expect(lost.filter((name) => !OTHERWISE[backend]!.some((meant) => meant.test(name)))).toEqual([]);
  },
);
