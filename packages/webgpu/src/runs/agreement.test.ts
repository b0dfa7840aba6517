// A training on the GPU is the training on the processor, but for rounding: their losses part no further than those of runs on
// the processor whose weights start as far off as the GPU rounds.

import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import '../index.ts';
import { setPrecision } from '../precision.ts';
import { openTiers, SMALL, withChoice } from '../testing/tiers.ts';
import { lossCurve, steps } from './small-training.ts';

const COUNT = steps(200, 5);
/** Runs that the spread is taken of. */
const RUNS = 3;
/** The spread of a few runs is not that of all. */
const MARGIN = 4;

/** Half a unit in the last place of an operand: float32 sums of many terms lose some of it, 'fast' keeps 11 bits. */
const PERTURBATIONS = { exact: 1e-6, fast: 2 ** -11 } as const;

/** How far two curves have been apart at most, up to each step. */
function apart(a: readonly number[], b: readonly number[]): number[] {
  let most = 0;
  return a.map((value, i) => {
    most = Math.max(most, Math.abs(value - b[i]!));
    return most;
  });
}

let base: number[] | undefined;
const noises = new Map<number, number[]>();

/** Of runs on cpu that start so far off. */
async function noiseOf(perturbation: number): Promise<number[]> {
  base ??= await lossCurve({ backend: 'cpu', steps: COUNT });
  let noise: number[] = new Array(COUNT).fill(0);
  for (let seed = 0; seed < RUNS; seed++) {
    const spread = apart(base, await lossCurve({ backend: 'cpu', steps: COUNT, perturbation, seed }));
    noise = noise.map((most, i) => Math.max(most, spread[i]!));
  }
  noises.set(perturbation, noise);
  return noise;
}

const units = (await openTiers())('matrix') ? SMALL.matrix : SMALL.emulated;

// A network as small as this one has products that are faster without matrix units.
describe.each([
  ['exact', 'by the tiers that suit', {}],
  ['fast', 'by the tiers that suit', {}],
  ['fast', `every product by the tier ${units.tier}`, units],
] as const)("in '%s', %s", (precision, tiers, choice) => {
  const perturbation = PERTURBATIONS[precision];
  let noise: number[];

  beforeAll(async () => {
    noise = noises.get(perturbation) ?? (await noiseOf(perturbation));
  }, 600_000);

  it('learns on cpu, and its noise is less than what it learns', () => {
    const [first, last] = [base![0]!, base!.at(-1)!];
    expect(last).toBeLessThan(0.9 * first);
    expect(noise[0]).toBeGreaterThan(0);
    expect(noise.at(-1)).toBeLessThan(first - last);
  });

  it('learns the same on webgpu', async () => {
    setPrecision(precision);
    const losses = await withChoice(choice, () => lossCurve({ backend: 'webgpu', steps: COUNT }));
    expect(tf.getBackend()).toBe('webgpu');
    const distance = apart(base!, losses);
    const numbers = (values: number[]) => [0, COUNT >> 1, COUNT - 1].map((i) => values[i]!.toExponential(1)).join(', ');
    console.log(
      `note: '${precision}', ${tiers}, ${COUNT} steps: losses of webgpu and cpu are apart by at most ${numbers(distance)} up to ` +
        `steps 1, ${(COUNT >> 1) + 1}, ${COUNT}; of cpu runs started ${perturbation.toExponential(1)} off, ${numbers(noise)}; ` +
        `cpu from ${base![0]!.toFixed(3)} to ${base!.at(-1)!.toFixed(3)}, webgpu to ${losses.at(-1)!.toFixed(3)}`,
    );
    // Matrix units round their operands; on cpu nothing does.
    if (choice === units) expect(distance[0]).toBeGreaterThan(1e-6);
    for (const [i, most] of distance.entries()) {
      expect(most, `losses up to step ${i + 1}; noise ${noise[i]}`).toBeLessThanOrEqual(MARGIN * noise[i]!);
    }
  }, 600_000);
});
