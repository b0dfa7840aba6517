// How far two lists of numbers are apart.

export interface Difference {
  index: number;
  actual: number;
  expected: number;
  error: number;
}

/** The element that is furthest off, or undefined for empty lists. NaN in one list alone counts as infinitely far. */
export function worstDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): Difference | undefined {
  let worst: Difference | undefined;
  for (let index = 0; index < expected.length; index++) {
    const a = actual[index]!;
    const e = expected[index]!;
    const same = Object.is(a, e) || a === e;
    const distance = Math.abs(a - e);
    const error = same ? 0 : Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance;
    if (!worst || error > worst.error) worst = { index, actual: a, expected: e, error };
  }
  return worst;
}

export function largestMagnitude(values: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]!));
  return largest;
}

/** ||actual - expected|| / ||expected||; infinite when a NaN is met, so that it never passes a bound. */
export function relativeL2Error(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < expected.length; i++) {
    difference += (actual[i]! - expected[i]!) ** 2;
    norm += expected[i]! ** 2;
  }
  const error = norm === 0 ? Math.sqrt(difference) : Math.sqrt(difference / norm);
  return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
}
