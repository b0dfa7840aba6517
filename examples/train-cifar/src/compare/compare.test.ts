import { expectNamedError } from '@stridelab/test-kit';
import { expect, it } from 'vitest';
import { CommandError } from '../errors.ts';
import type { RunResult } from '../runs.ts';
import { chartOf } from './chart.ts';
import { gridOf } from './grid.ts';
import { spreadOf, tableOf } from './table.ts';

function result(accuracy: number, strides: number[] = []): RunResult {
  const reading = { layer: 'stage1_pool', strides, learned: true, from: [32, 32], to: [24, 24] };
  return {
    accuracy,
    loss: 1,
    images: 10_000,
    parameters: 78_114,
    multiplyAdds: 29_800_000,
    strides: strides.length ? [reading] : [],
    seconds: 1,
  };
}

it('makes a run for every pooling, choice of strides, convolution and seed', () => {
  const rows = gridOf({ pooling: 'strided,diffstride', strides: '2,2,2;3,1,3', seeds: '2', phc: '3', epochs: '5' });
  expect(rows.map(({ pooling, strides, phc }) => [pooling, strides, phc])).toEqual([
    ['strided', '2,2,2', undefined],
    ['diffstride', '2,2,2', undefined],
    ['strided', '2,2,2', '3'],
    ['diffstride', '2,2,2', '3'],
    ['strided', '3,1,3', undefined],
    ['diffstride', '3,1,3', undefined],
    ['strided', '3,1,3', '3'],
    ['diffstride', '3,1,3', '3'],
  ]);
  expect(rows.at(-1)!.runs).toEqual(
    [0, 1].map((seed) => ({
      name: `diffstride-phc3-3-1-3-seed${seed}`,
      flags: { epochs: '5', pooling: 'diffstride', strides: '3,1,3', seed: String(seed), conv: 'phc', n: '3' },
    })),
  );
  const names = rows.flatMap(({ runs }) => runs.map(({ name }) => name));
  expect(new Set(names).size).toBe(16);
});

it('has the poolings of the papers and three seeds by default', () => {
  expect(gridOf({}).map(({ pooling, runs }) => [pooling, runs.length])).toEqual([
    ['strided', 3],
    ['spectral', 3],
    ['diffstride', 3],
  ]);
});

it('takes what is named twice, or with blanks, for one', () => {
  const rows = gridOf({ pooling: 'strided, max,strided', strides: '2, 2,2;2,2,2', seeds: '1' });
  expect(rows.map(({ runs }) => runs[0]!.name)).toEqual(['strided-2-2-2-seed0', 'max-2-2-2-seed0']);
});

it.each([
  [{ phc: '0' }, "--phc must be a whole number >= 1, got '0'"],
  [{ seeds: '0' }, "--seeds must be a whole number >= 1, got '0'"],
  [
    { pooling: 'strided,maxi' },
    "--pooling must name some of strided, average, max, spectral, diffstride (nearest: max), got 'maxi'",
  ],
])('refuses %j', async (flags, rule) => {
  await expectNamedError(() => gridOf(flags), CommandError, `train-cifar.compare: ${rule}`);
});

const [strided, diffstride] = gridOf({ pooling: 'strided,diffstride', seeds: '3' });
const ROWS = [
  { ...strided!, results: [result(0.6), result(0.62), result(0.64)] },
  { ...diffstride!, results: [result(0.7, [2.2, 1.8]), result(0.7, [2.4, 1.9])] },
];

it('prints mean and spread', () => {
  expect(spreadOf([60, 62, 64])).toEqual({ mean: 62, deviation: 2 });
  expect(spreadOf([60])).toEqual({ mean: 60, deviation: 0 });
  expect(tableOf(ROWS).slice(2)).toEqual([
    '| strided | 2,2,2 | 78,114 | 29.8 M | 62.00 ± 2.00 | 3 of 3 |  |',
    '| diffstride | 2,2,2 | 78,114 | 29.8 M | 70.00 ± 0.00 | 2 of 3 | 2.30x1.85 |',
  ]);
  expect(tableOf([{ ...strided!, results: [] }]).at(-1)).toBe('| strided | 2,2,2 |  |  |  | 0 of 3 |  |');
});

it('draws every run in its place', () => {
  const svg = chartOf(ROWS, 'a < b');
  expect(svg).toContain('a &lt; b');
  const dots = [...svg.matchAll(/<circle cx="([\d.]+)"/g)].map(([, x]) => Number(x));
  expect(dots).toHaveLength(5);
  // 60, 62, 64 and 70, 70: the same distance for the same difference.
  expect(dots[1]! - dots[0]!).toBeCloseTo(dots[2]! - dots[1]!, 0);
  expect(dots[3]! - dots[2]!).toBeCloseTo(3 * (dots[1]! - dots[0]!), 0);
  expect(dots[4]).toBe(dots[3]);
  for (const x of dots) expect(x).toBeGreaterThan(190);
  for (const x of dots) expect(x).toBeLessThan(690);
  const far = chartOf([{ ...strided!, results: [result(0.5), result(0.6)] }], '');
  const [, from, to] = /class="spread" x1="([\d.]+)" x2="([\d.]+)"/.exec(far)!.map(Number);
  expect(from).toBeGreaterThanOrEqual(190);
  expect(to).toBeLessThanOrEqual(690);
});
