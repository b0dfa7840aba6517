// Sine and cosine of whole fractions of a turn, in float64.

/** cos(2 pi k / n), exact at multiples of a quarter turn. */
export function cosine(k: number, n: number): number {
  return sine(4 * k + n, 4 * n);
}

/** sin(2 pi k / n), exact at multiples of a quarter turn. */
export function sine(k: number, n: number): number {
  const phase = ((k % n) + n) % n;
  // Math.sin(Math.PI) is 1.2e-16: times a large value in a bin that has to be ignored, that would show.
  if ((4 * phase) % n === 0) return [0, 1, 0, -1][(4 * phase) / n]!;
  return Math.sin((2 * Math.PI * phase) / n);
}
