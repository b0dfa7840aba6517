// For tests: products by a tier and tile that the test names, instead of what the device and the sizes would choose.
import './emulated-units.ts';
import { openTestBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { type Choice, force } from '../gemm/choose.ts';
import type { Tier } from '../gemm/tile.ts';
import { internalsOf } from '../gpu/backend.ts';
import { abilitiesOf } from '../gpu/device.ts';

/** Small tiles, so that small shapes need several, and quick to compile. */
export const SMALL = {
  plain: { tier: 'plain', tile: { rows: 16, columns: 16, depth: 8, own: [4, 4], buffers: 1 } },
  twice: { tier: 'plain', tile: { rows: 16, columns: 32, depth: 8, own: [4, 4], buffers: 2 } },
  subgroups: { tier: 'subgroups', tile: { rows: 16, columns: 128, depth: 8, own: [4, 4], buffers: 1 } },
  emulated: { tier: 'emulated', tile: { rows: 32, columns: 32, depth: 16, own: [16, 16], buffers: 1 } },
  'emulated twice': { tier: 'emulated', tile: { rows: 32, columns: 32, depth: 32, own: [16, 32], buffers: 2 } },
  // The first of a chip's tiles, half as deep as there, where its workgroup memory is larger.
  'emulated large': { tier: 'emulated', tile: { rows: 128, columns: 128, depth: 16, own: [64, 32], buffers: 2 } },
  matrix: { tier: 'matrix', tile: { rows: 32, columns: 32, depth: 16, own: [16, 16], buffers: 1 } },
  'matrix twice': { tier: 'matrix', tile: { rows: 32, columns: 64, depth: 32, own: [16, 32], buffers: 2 } },
} as const satisfies Record<string, Partial<Choice>>;

/** Makes webgpu current, and says which tiers its device has: a chip may have matrix units, what runs in software has none. */
export async function openTiers(): Promise<(tier: Tier) => boolean> {
  await openTestBackend('webgpu');
  const { subgroups, matrixUnits } = abilitiesOf(internalsOf(tf.backend()).device);
  return (tier) => (tier === 'matrix' ? matrixUnits !== undefined : tier !== 'subgroups' || subgroups);
}

/** `work` with every product made as `choice` says. */
export async function withChoice<T>(choice: Partial<Choice>, work: () => Promise<T>): Promise<T> {
  force(choice);
  try {
    return await work();
  } finally {
    force({});
  }
}
