import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { expect, it } from 'vitest';
import { masks, poolings, strides } from './pictures.ts';

it.each([
  ['diffstride/images/masks.png', masks],
  ['diffstride/images/strides.png', strides],
  ['spectral-pooling/images/poolings.png', poolings],
])('%s shows what the code draws today', (file, draw) => {
  const shown = decode(readFileSync(join(import.meta.dirname, '../../../packages', file)));
  const drawn = decode(draw());
  expect([drawn.width, drawn.height]).toEqual([shown.width, shown.height]);
  // Rounding may move a gray by one between machines.
  let furthest = 0;
  for (const [i, value] of drawn.data.entries()) furthest = Math.max(furthest, Math.abs(value - shown.data[i]!));
  expect(furthest).toBeLessThanOrEqual(1);
});
