// Random numbers that are the same on every machine: whole-number arithmetic alone, seeded by any list of numbers.

export interface Random {
  /** A number in [0, 1) with 32 random bits. */
  uniform(): number;
  /** A whole number in [0, n). */
  below(n: number): number;
}

/**
 * A generator of its own for each list of numbers, such as (seed, epoch, batch): nothing before it needs to be drawn.
 * sfc32 (PractRand's Small Fast Counting generator), its state filled by hashing the list with murmur3's rounds.
 */
export function randomFor(...key: readonly number[]): Random {
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let c = 0xb7e15162;
  let counter = 1;
  for (const number of key) {
    for (const word of [number >>> 0, Math.floor(number / 2 ** 32) >>> 0]) {
      a = mix(a ^ word);
      b = mix(b ^ a);
      c = mix(c ^ b);
    }
  }
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  };
  for (let i = 0; i < 12; i++) next();
  return {
    uniform: () => next() / 2 ** 32,
    below: (n) => Math.floor((next() / 2 ** 32) * n),
  };
}

function mix(word: number): number {
  let h = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}

/** 0 ... count - 1 in random order (Fisher and Yates). */
export function permutation(count: number, random: Random): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const held = order[i]!;
    order[i] = order[j]!;
    order[j] = held;
  }
  return order;
}
