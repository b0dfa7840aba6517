// Mixup's weights: the symmetric beta distribution. Math.log and Math.exp may differ in the last bit from one engine to
// another, which would make a resumed training depend on the machine, so both are made here from + - * / alone.
import type { Random } from './random.ts';

/** 1/23, 1/21, ... 1: the series of atanh, from its end. */
const ATANH_TERMS = Array.from({ length: 12 }, (_, i) => 1 / (23 - 2 * i));

/** Natural logarithm of x > 0, to about 1e-15. */
export function log(x: number): number {
  let exponent = 0;
  let mantissa = x;
  while (mantissa > Math.SQRT2) {
    mantissa /= 2;
    exponent++;
  }
  while (mantissa < Math.SQRT1_2) {
    mantissa *= 2;
    exponent--;
  }
  // ln m = 2 atanh((m - 1) / (m + 1)), where the argument is at most 0.172 in size.
  const t = (mantissa - 1) / (mantissa + 1);
  let sum = 0;
  for (const reciprocal of ATANH_TERMS) sum = sum * t * t + reciprocal;
  return exponent * Math.LN2 + 2 * t * sum;
}

/** e to the power of x, to about 1e-15 of it; 0 and Infinity where double precision ends. */
export function exp(x: number): number {
  if (x < -745) return 0;
  if (x > 709) return Number.POSITIVE_INFINITY;
  const exponent = Math.round(x / Math.LN2);
  const rest = x - exponent * Math.LN2;
  let sum = 1;
  for (let n = 17; n >= 1; n--) sum = 1 + (sum * rest) / n;
  let power = sum;
  for (let i = 0; i < exponent; i++) power *= 2;
  for (let i = 0; i > exponent; i--) power /= 2;
  return power;
}

/** A deviate of Beta(alpha, alpha), in [0, 1]. */
export function symmetricBeta(alpha: number, random: Random): number {
  const difference = logGamma(alpha, random) - logGamma(alpha, random);
  return 1 / (1 + exp(-difference));
}

/** Logarithm of a Gamma(shape, 1) deviate: Marsaglia and Tsang, https://doi.org/10.1145/358407.358414. */
function logGamma(shape: number, random: Random): number {
  // Below 1 the deviate of shape + 1 is scaled by U^(1 / shape), which only a logarithm keeps from underflow.
  // At shapes of 1e-300 every weight is 0 or 1 already; far below, two infinities would differ by no number.
  if (shape < 1) return logGamma(shape + 1, random) + log(positive(random)) / Math.max(shape, 1e-300);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(random);
    const root = 1 + c * x;
    const cube = root * root * root;
    if (cube > 0 && log(positive(random)) < 0.5 * x * x + d * (1 - cube + log(cube))) return log(d) + log(cube);
  }
}

/** Marsaglia's polar method: no sine, no cosine. */
function normal(random: Random): number {
  for (;;) {
    const u = 2 * random.uniform() - 1;
    const v = 2 * random.uniform() - 1;
    const square = u * u + v * v;
    if (square > 0 && square < 1) return u * Math.sqrt((-2 * log(square)) / square);
  }
}

/** In (0, 1]. */
function positive(random: Random): number {
  return 1 - random.uniform();
}
