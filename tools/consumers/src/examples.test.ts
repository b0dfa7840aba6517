// The example one-layer as somebody has them who copied the folder: it installs tarballs and runs.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { copyOfExample, discard, output, root } from './stranger.ts';

const example = join(root, 'examples/one-layer');
let copy: string;

beforeAll(async () => {
  copy = await copyOfExample('one-layer');
}, 300_000);

afterAll(() => discard(copy));

it('adds DiffStride with one import and one line', () => {
  const lines = (file: string) => readFileSync(join(example, file), 'utf8').trim().split('\n');
  const [before, after] = [lines('before.js'), lines('after.js')];
  expect(after.filter((line) => !before.includes(line))).toHaveLength(2);
  expect(before.filter((line) => !after.includes(line))).toHaveLength(1);
});

it('trains before and after, learns strides, and classifies', async () => {
  const started = performance.now();
  const printed = await output('node', ['train.js'], copy);
  expect(performance.now() - started).toBeLessThan(60_000);
  const accuracies = [...printed.matchAll(/([\d.]+) % of the test pictures/g)].map((match) => Number(match[1]));
  expect(accuracies).toHaveLength(2);
  for (const accuracy of accuracies) expect(accuracy).toBeGreaterThan(90);
  const strides = [...printed.matchAll(/strides ([\d.]+) x ([\d.]+)/g)].map((match) => [match[1], match[2]]);
  expect(strides[0]).toEqual(['2.000', '2.000']);
  expect(strides.at(-1)).not.toEqual(strides[0]);
});
