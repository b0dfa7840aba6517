// Rules by which the components of a hypercomplex number multiply, as tensors for kroneckerKernel.
import {
  div,
  mul,
  type Rank,
  randomUniform,
  sqrt,
  square,
  sum,
  type Tensor3D,
  tensor3d,
  tidy,
} from '@tensorflow/tfjs-core';
import { checkN, checkOptions } from './checks.ts';
import { PhcConvError } from './errors.ts';

/** A rule says where unit i times unit b goes, and with which sign: for `real`, only i = b goes anywhere. */
type Sign = (i: number, b: number) => number;

/** Units are numbered so that the product of units i and b is, but for its sign, unit `i xor b`. */
const SIGNS = {
  /** i^2 = -1 */
  complex: (i: number, b: number) => (i & b ? -1 : 1),
  /** Hamilton's i^2 = j^2 = k^2 = ijk = -1 */
  quaternion: /* @__PURE__ */ clifford([-1, -1]),
  /** Commutative: i^2 = -1, j^2 = 1, k = ij = ji */
  tessarine: (i: number, b: number) => (i & b & 1 ? -1 : 1),
};

const SIZES: Record<string, number> = { complex: 2, quaternion: 4, tessarine: 4 };

export const ALGEBRA_RULES = ['glorotUniform', 'real', 'complex', 'quaternion', 'tessarine', 'cliffordRandom'] as const;

/** The name of a rule that {@link algebra} knows. */
export type AlgebraRule = (typeof ALGEBRA_RULES)[number];

/** Throws where there is no such rule, or it is not one of n components. */
export function checkRule(operation: string, rule: string, n: number): asserts rule is AlgebraRule {
  if (!(ALGEBRA_RULES as readonly string[]).includes(rule))
    throw new PhcConvError(operation, `rule must be one of ${ALGEBRA_RULES.join(', ')}`, rule);
  const size = SIZES[rule];
  if (size !== undefined && size !== n) throw new PhcConvError(operation, `rule '${rule}' must have n = ${size}`, n);
}

/**
 * Makes the algebra of a known rule: `A[i, c, b]` is what unit i times unit b has in unit c.
 *
 * - `real`: n real numbers side by side, so that a layer becomes a grouped one;
 * - `complex` (n = 2), `quaternion` (n = 4, Hamilton's), `tessarine` (n = 4, commutative);
 * - `cliffordRandom`: every A[i] is a signed permutation, the first the identity. For n a power of two it is the
 *   geometric algebra in which a random choice of generators square to -1 and the others to 1; for other n, unit i times
 *   unit b is unit (i + b) mod n with a random sign. For large n, where dense random rules hurt gradients;
 * - `glorotUniform`: n^3 random numbers, scaled to `sum A^2 = n`, Glorot's variance kept to the letter.
 *
 * @returns (n, n, n)
 */
export function algebra(rule: AlgebraRule, n: number, options: { seed?: number } = {}): Tensor3D {
  checkOptions('algebra', options, 'seed');
  const { seed } = options;
  checkN('algebra', n);
  checkRule('algebra', rule, n);
  if (rule === 'glorotUniform')
    return tidy(() => {
      const values = randomUniform<Rank.R3>([n, n, n], -1, 1, 'float32', seed);
      return mul(values, sqrt(div(n, sum(square(values)))));
    });
  if (rule === 'real') return fromProducts(n, (i, b) => (i === b ? { unit: i, sign: 1 } : undefined));
  if (rule === 'cliffordRandom') return cliffordRandom(n, seed);
  const sign = SIGNS[rule];
  return fromProducts(n, (i, b) => ({ unit: i ^ b, sign: sign(i, b) }));
}

interface Product {
  unit: number;
  sign: number;
}

/** The tensor of a multiplication table. */
function fromProducts(n: number, product: (i: number, b: number) => Product | undefined): Tensor3D {
  const values = new Float32Array(n ** 3);
  for (let i = 0; i < n; i++) {
    for (let b = 0; b < n; b++) {
      const result = product(i, b);
      if (result) values[(i * n + result.unit) * n + b] = result.sign;
    }
  }
  return tensor3d(values, [n, n, n]);
}

function cliffordRandom(n: number, seed: number | undefined): Tensor3D {
  const generators = Math.log2(n);
  if (Number.isInteger(generators)) {
    const sign = clifford(randomSigns(generators, seed));
    return fromProducts(n, (i, b) => ({ unit: i ^ b, sign: sign(i, b) }));
  }
  const signs = randomSigns(n * n, seed);
  return fromProducts(n, (i, b) => ({ unit: (i + b) % n, sign: i === 0 ? 1 : signs[i * n + b]! }));
}

/**
 * Signs of the products of basis blades, each a set of generators as the bits of its number. Sorting the generators of
 * a product costs a sign for each pair out of order; a generator met twice gives way to its square.
 */
function clifford(squares: number[]): Sign {
  return (i, b) => {
    let sign = 1;
    for (let later = i >> 1; later; later >>= 1) if (bitCount(later & b) % 2) sign = -sign;
    squares.forEach((value, generator) => {
      if (((i & b) >> generator) & 1) sign *= value;
    });
    return sign;
  };
}

function bitCount(bits: number): number {
  return bits === 0 ? 0 : (bits & 1) + bitCount(bits >> 1);
}

function randomSigns(count: number, seed: number | undefined): number[] {
  // What a random op makes lies in memory on every backend, so that it can be read at once.
  return tidy(() =>
    [...randomUniform([count], -1, 1, 'float32', seed).dataSync()].map((value) => (value < 0 ? -1 : 1)),
  );
}
