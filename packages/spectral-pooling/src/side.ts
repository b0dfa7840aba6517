// One side (height or width) of a linear map that edits an image's spectrum: which input frequency goes to which output
// frequency, and how strongly. Everything else here is bookkeeping over such lists.

/** `u[n] = amplitude / size * e^(2 pi i n output / size)` times `v[m] = e^(-2 pi i input m / inputSize)`. */
export interface Bin {
  /** Index of the frequency in the DFT of the input; negative frequencies count from the end or with their sign. */
  input: number;
  /** Index of the same frequency in the DFT of the output. */
  output: number;
  amplitude: number;
}

/**
 * One side of a spectral map, as the complex matrix
 * `A[n, m] = 1/outputSize * sum_j weight_j amplitude_j e^(2 pi i n output_j / outputSize) e^(-2 pi i input_j m / inputSize)`.
 */
export interface Side {
  inputSize: number;
  outputSize: number;
  bins: Bin[];
  /** The side's matrix is the real part of A alone: a bin then speaks for its conjugate too, as one of a real FFT does. */
  real: boolean;
}

/** Scaling of the two transforms, by numpy's names; 'backward' scales the inverse alone, by 1/outputSize. */
export type Norm = 'backward' | 'ortho' | 'forward';

/** The factor by which `norm` differs from 'backward' on one side. */
export function normFactor(norm: Norm, inputSize: number, outputSize: number): number {
  if (norm === 'backward') return 1;
  return norm === 'forward' ? outputSize / inputSize : Math.sqrt(outputSize / inputSize);
}

/**
 * Rows of the full DFT of which every one is kept in its place: nonnegative frequencies first, negative ones last.
 * `rows` are indices into the input's DFT, ascending.
 */
export function rowSide(inputSize: number, rows: readonly number[]): Side {
  const bins = rows.map((input, output) => ({ input, output, amplitude: 1 }));
  return { inputSize, outputSize: rows.length, bins, real: false };
}

/**
 * Columns 0 .. count - 1 of a half spectrum, put back by an inverse real FFT of `outputSize`: a column stands for itself
 * and its conjugate, but for column 0 and the Nyquist column of an even size.
 */
export function columnSide(inputSize: number, outputSize: number, count: number): Side {
  const bins = Array.from({ length: count }, (_, j) => ({
    input: j,
    output: j,
    amplitude: j === 0 || 2 * j === outputSize ? 1 : 2,
  }));
  return { inputSize, outputSize, bins, real: false };
}
