// Every tensor has an owner: an operation may keep nothing but what it returns.
import { memory, tidy } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';

/**
 * Expects `action` to leave as many tensors as it found, once the ones it returns are disposed of.
 * The first call is not counted: constants that are made once per size may be made there.
 */
export function expectNoLeak(action: () => unknown, rounds = 3): void {
  tidy(() => void action());
  const before = memory().numTensors;
  for (let round = 0; round < rounds; round++) {
    const kept = action();
    for (const tensor of tensorsIn(kept)) tensor.dispose();
  }
  expect(memory().numTensors - before, 'tensors left behind').toBe(0);
}

function tensorsIn(value: unknown, seen = new Set<unknown>()): { dispose(): void }[] {
  if (value === null || typeof value !== 'object' || seen.has(value)) return [];
  seen.add(value);
  if ('dataId' in value && 'dispose' in value) return [value as { dispose(): void }];
  return Object.values(value).flatMap((item) => tensorsIn(item, seen));
}
