import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { compiledSource } from '../../scripts/compile-kernels.mjs';

it('is what assembly/ compiles to', async () => {
  const committed = readFileSync(new URL('compiled.ts', import.meta.url), 'utf8');
  expect(committed).toBe(await compiledSource());
});
