// What flags say, as numbers.
import { CommandError } from './errors.ts';
import type { Flags } from './flags.ts';

/** Of both sides, or of height and width. */
export type Stride = number | [number, number];

export function wholeNumber(flags: Flags, name: keyof Flags, least: number): number | undefined {
  const value = flags[name];
  if (value === undefined) return undefined;
  const number = Number(value);
  if (Number.isSafeInteger(number) && number >= least) return number;
  throw new CommandError('flags', `--${name} must be a whole number >= ${least}`, value);
}

export function mixupOf({ mixup }: Flags): number | undefined {
  if (mixup === undefined) return undefined;
  const alpha = Number(mixup);
  if (Number.isFinite(alpha) && alpha >= 0) return alpha;
  throw new CommandError('flags', '--mixup must be a number >= 0', mixup);
}

export function readWidths({ widths }: Flags): number[] | undefined {
  const numbers = widths?.split(',').map(Number);
  if (numbers === undefined || numbers.every((width) => Number.isSafeInteger(width) && width >= 1)) return numbers;
  throw new CommandError('flags', '--widths must be whole numbers >= 1, as in 16,16,32,64', widths);
}

export function readStrides({ strides }: Flags): Stride[] | undefined {
  return strides?.split(',').map((text) => {
    const sides = text.split('x').map(Number);
    const good = sides.length <= 2 && text !== '' && sides.every((side) => Number.isFinite(side) && side >= 1);
    if (!good) throw new CommandError('flags', '--strides must be numbers >= 1 or pairs, as in 2,1.5,2x1', strides);
    return sides.length === 2 ? (sides as [number, number]) : sides[0]!;
  });
}

/** Of a folder, in the folder of all runs and nowhere else. */
export function checkName(flag: string, name: string | undefined): void {
  if (name === undefined || /^\w[\w.,-]*$/.test(name)) return;
  throw new CommandError('flags', `--${flag} must be letters, digits, dots and dashes`, name);
}
