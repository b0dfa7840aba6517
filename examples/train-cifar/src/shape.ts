// Depths, widths and strides where a flag leaves them open, or gives only some of them.
import { CommandError } from './errors.ts';
import type { Flags } from './flags.ts';
import type { Stride } from './values.ts';

const WITH_FOUR_STAGES: readonly number[] = [18, 34, 50, 101, 152];

export function defaultDepth({ depth }: Flags, onGpu: boolean): number {
  if (depth === undefined) return onGpu ? 18 : 8;
  const given = Number(depth);
  if (isDepth(given)) return given;
  const all = Array.from({ length: 151 }, (_, i) => i + 2).filter(isDepth);
  const nearest = all.reduce((best, each) => (Math.abs(each - given) < Math.abs(best - given) ? each : best));
  const rule = '--depth must be 18, 34, 50, 101, 152, or 6 n + 2';
  throw new CommandError('flags', Number.isNaN(given) ? rule : `${rule} (nearest: ${nearest})`, depth);
}

function isDepth(depth: number): boolean {
  return WITH_FOUR_STAGES.includes(depth) || (Number.isInteger(depth) && depth >= 8 && depth % 6 === 2);
}

/** The literature's, made multiples of n for hypercomplex convolutions: 60, 120, 240, 516 for n = 3. */
export function defaultWidths(depth: number, n: number | undefined, smoke: boolean): number[] {
  const large = WITH_FOUR_STAGES.includes(depth);
  if (large && n === 3 && !smoke) return [60, 60, 120, 240, 516];
  const usual = large ? [64, 64, 128, 256, 512] : [16, 16, 32, 64];
  const widths = smoke ? usual.map((width) => (width < 64 ? 6 : 12)) : usual;
  return n === undefined ? widths : widths.map((width) => Math.max(1, Math.floor(width / n)) * n);
}

export function defaultStrides(): Stride[] {
  return [2, 2, 2];
}

/** Strides of the stem and each stage, from those of the last stages: the stages before them do not downsample. */
export function stridesOfStages(given: readonly Stride[], stages: number): Stride[] {
  if (given.length < stages - 1 || given.length > stages + 1) {
    const rule = `--strides must be ${stages - 1} to ${stages + 1} numbers for ${stages} stages: of the last stages, of all, or of the stem too`;
    throw new CommandError('flags', rule, given);
  }
  return [...new Array<Stride>(stages + 1 - given.length).fill(1), ...given];
}
