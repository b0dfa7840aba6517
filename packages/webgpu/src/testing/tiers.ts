// For tests: products by a tier and tile that the test names, instead of what the device and the sizes would choose.
import type { Choice } from '../gemm/choose.ts';
import { force } from '../gemm/choose.ts';

/** Small tiles, so that small shapes need several, and quick to compile. */
export const SMALL = {
  plain: { tier: 'plain', tile: { rows: 16, columns: 16, depth: 8, own: [4, 4], buffers: 1 } },
  twice: { tier: 'plain', tile: { rows: 16, columns: 32, depth: 8, own: [4, 4], buffers: 2 } },
  subgroups: { tier: 'subgroups', tile: { rows: 16, columns: 32, depth: 8, own: [4, 4], buffers: 1 } },
  emulated: { tier: 'emulated', tile: { rows: 32, columns: 32, depth: 16, own: [16, 16], buffers: 1 } },
  'emulated twice': { tier: 'emulated', tile: { rows: 32, columns: 32, depth: 32, own: [16, 32], buffers: 2 } },
} as const satisfies Record<string, Partial<Choice>>;

/** `work` with every product made as `choice` says. */
export async function withChoice<T>(choice: Partial<Choice>, work: () => Promise<T>): Promise<T> {
  force(choice);
  try {
    return await work();
  } finally {
    force({});
  }
}
