import { type Tensor1D, tensor1d } from '@tensorflow/tfjs-core';
import { checkLength } from './checks.ts';
import { FftOpsError } from './errors.ts';
import { halfLength } from './line-transform.ts';

/**
 * Frequencies of the bins of a transform of length n, in cycles per unit of the sample spacing `d`:
 * 0, 1, ..., ceil(n / 2) - 1, -floor(n / 2), ..., -1, each over n d. As `numpy.fft.fftfreq`.
 */
export function fftfreq(n: number, d = 1): Tensor1D {
  checkSpacing('fftfreq', n, d);
  return tensor1d(Float32Array.from({ length: n }, (_, k) => (k < n / 2 ? k : k - n) / (n * d)));
}

/** Frequencies of the bins 0 .. n/2 that `rfft` gives. As `numpy.fft.rfftfreq`. */
export function rfftfreq(n: number, d = 1): Tensor1D {
  checkSpacing('rfftfreq', n, d);
  return tensor1d(Float32Array.from({ length: halfLength(n) }, (_, k) => k / (n * d)));
}

function checkSpacing(operation: string, n: number, d: number): void {
  checkLength(operation, 'n', n);
  if (!Number.isFinite(d) || d === 0) throw new FftOpsError(operation, 'd must be a number other than 0', d);
}
