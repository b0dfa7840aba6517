// Numbers in the README that are computed and not measured.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parameterCount } from './index.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const rows = [...readme.matchAll(/^\| (\d+) to (\d+), (\d) x \3 +\| (.*) +\|$/gm)];

it('has the table of parameters', () => expect(rows).toHaveLength(7));

it.each(rows.map(([row, ...cells]) => ({ row, cells })))('$row', ({ cells }) => {
  const [channels, filters, kernelSize] = cells.map(Number) as [number, number, number];
  const counts = cells[3]!.split('|').map((cell) => Number(cell.replaceAll(',', '').trim()));
  const size = { channels, filters, kernelSize, useBias: false };
  expect(counts).toEqual([
    kernelSize ** 2 * channels * filters,
    ...[2, 4, 8].map((n) => parameterCount({ n, ...size })),
  ]);
});
