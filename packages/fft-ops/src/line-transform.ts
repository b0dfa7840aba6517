// Every transform here is one linear map along a line of n values: out = scale * W_out F W_in in, where F is
// exp(sign 2 pi i k m / n), cropped to the rows and to the parts (real and imaginary, or real alone) that each side has.
// Its adjoint is the same with the two sides exchanged and the sign turned round.
import { cosine, sine } from './trigonometry.ts';

export type Sign = 1 | -1;

/** One end of a transform. */
export interface Side {
  /** 2 for complex values, 1 for real ones: of a real output the imaginary part is not computed. */
  parts: 1 | 2;
  /** How many values there are. Less than n, or than the bins of a half spectrum: the rest counts as zero. */
  rows: number;
  /** Whether the rows are half a spectrum that stands for the whole: see {@link rowWeight}. */
  half: boolean;
}

export function side(parts: number, rows: number, half = false): Side {
  return { parts: parts as 1 | 2, rows, half };
}

export interface LineTransform {
  n: number;
  sign: Sign;
  scale: number;
  input: Side;
  output: Side;
}

export function adjoint({ n, sign, scale, input, output }: LineTransform): LineTransform {
  return { n, sign: -sign as Sign, scale, input: output, output: input };
}

/** Number of bins that a real signal of length n has. */
export function halfLength(n: number): number {
  return (n >> 1) + 1;
}

/**
 * The factor of row k on a side, for its real (part 0) or imaginary part (part 1). Of a half spectrum that stands for
 * the whole, a bin counts for its conjugate too, and the imaginary part of one that is its own conjugate for nothing.
 */
export function rowWeight({ half }: Side, k: number, part: number, n: number): number {
  if (!half) return 1;
  return (2 * k) % n === 0 ? 1 - part : 2;
}

/** The whole map as a matrix, (output parts * rows) by (input parts * rows). */
export function denseMatrix({ n, sign, scale, input, output }: LineTransform): Float32Array {
  const columns = input.parts * input.rows;
  return Float32Array.from({ length: output.parts * output.rows * columns }, (_, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    const [k, m] = [row % output.rows, column % input.rows];
    const [to, from] = [row < output.rows ? 0 : 1, column < input.rows ? 0 : 1];
    // Real to real and imaginary to imaginary by the cosine; real to imaginary by the sine, and back by its negative.
    const factor = to === from ? cosine(k * m, n) : (to - from) * sign * sine(k * m, n);
    return scale * rowWeight(output, k, to, n) * rowWeight(input, m, from, n) * factor;
  });
}
