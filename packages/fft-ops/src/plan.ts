// How a length is transformed: by one dense matrix, by two shorter transforms with twiddles between, or by a chirp.
// The units are multiply-adds per element; what is no product costs what it was seen to cost beside TF.js's wasm
// matrix product (22 multiply-adds a nanosecond), rounded up in favour of fewer kernels, which is what a GPU likes.

export type Plan =
  | { kind: 'dense'; cost: number }
  | { kind: 'split'; cost: number; first: number; second: number }
  | { kind: 'chirp'; cost: number; length: number };

/** Twiddle factors and the transpose between two stages. */
const BETWEEN_STAGES = 200;
/** The three elementwise complex products of a chirp transform, its padding and cropping. */
const CHIRP = 600;
/** Most elements of a dense matrix: 16 MB. */
const LARGEST_MATRIX = 2 ** 22;

const plans = new Map<string, Plan>();

/** `elements` are those of the dense matrix, fewer than n^2 a part where not all rows are given or wanted. */
export function planLength(n: number, partsIn: number, partsOut: number, elements = partsIn * partsOut * n * n): Plan {
  const key = `${[n, partsIn, partsOut, elements]}`;
  let best = plans.get(key);
  if (best) return best;
  best = { kind: 'dense', cost: elements <= LARGEST_MATRIX ? elements / n : Infinity };
  for (let first = 2; first <= n / 2; first++) {
    const ahead = 2 * partsIn * first + BETWEEN_STAGES;
    if (ahead >= best.cost) break;
    if (n % first > 0) continue;
    const cost = ahead + planLength(n / first, 2, partsOut).cost;
    if (cost < best.cost) best = { kind: 'split', cost, first, second: n / first };
  }
  // A length that factors well has no need of a chirp, and must not look for one: the chirp's own length factors well.
  if (smoothLength(n) > n) {
    const length = smoothLength(2 * n - 1);
    const cost = (length / n) * (2 * planLength(length, 2, 2).cost + CHIRP);
    if (cost < best.cost) best = { kind: 'chirp', cost, length };
  }
  plans.set(key, best);
  return best;
}

/** The least length from n on that has no prime factor above 5. */
export function smoothLength(n: number): number {
  for (let length = n; ; length++) {
    let rest = length;
    for (const prime of [2, 3, 5]) while (rest % prime === 0) rest /= prime;
    if (rest === 1) return length;
  }
}
