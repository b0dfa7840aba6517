// Matrices that turn mirrored images into mirrored images fall apart into two of half the size: one for what is even, one for
// what is odd. Those of discrete Fourier transforms do, and all that is put together from them.
//   M[q(i)][p(j)] = s(i) t(j) M[i][j]   for mirrors p and q and signs s and t
// For x_even = x + t x(p) and x_odd = x - t x(p), each of half as many values, M x is half as many sums of each, added and
// subtracted: half of the multiplications.

/** Places that change places with others, or with themselves, and the sign with which they do. */
export interface Mirror {
  to: number[];
  sign: number[];
}

export interface Folding {
  inputs: Mirror;
  outputs: Mirror;
}

/** Places as {@link orderOf} says. */
export interface Order {
  pairs: [place: number, other: number, sign: number][];
  evens: number[];
  odds: number[];
}

/** How far from a mirror image a matrix may be, as a share of its largest number: what sin(pi) is in double precision. */
const TOLERANCE = 1e-12;

/** Matrices that are smaller are not worth it. */
const LEAST_SIDE = 6;

/** The first mirrors under which a matrix (rows, n) is its own image. */
export function foldingOf(values: ArrayLike<number>, rows: number, n: number): Folding | undefined {
  if (Math.min(rows, n) < LEAST_SIDE) return undefined;
  let largest = 0;
  for (let i = 0; i < rows * n; i++) largest = Math.max(largest, Math.abs(values[i]!));
  const tolerance = TOLERANCE * largest;
  const one = () => 1;
  const isReal = (place: number) => (place % 2 === 0 ? 1 : -1);
  // Frequencies and places count from zero on, and their mirror images backwards; complex numbers lie as pairs or as halves.
  const inputs = [
    mirror(n, reflected, one),
    mirror(n, reflectedPairs, isReal),
    mirror(n, (place) => place, isReal),
    mirror(
      n,
      (place) => place,
      (place) => (2 * place < n ? 1 : -1),
    ),
  ];
  const outputs = [reflected, reflectedPairs, (place: number) => place];
  for (const input of inputs) {
    for (const output of outputs) {
      const found = input && foldingBy(values, input, mirror(rows, output, one), tolerance);
      if (found) return found;
    }
  }
  return undefined;
}

const reflected = (place: number, count: number) => (count - place) % count;

const reflectedPairs = (place: number, count: number) =>
  count % 2 === 0 ? 2 * reflected(place >> 1, count / 2) + (place % 2) : Number.NaN;

/** Nothing where places are not paired so. */
function mirror(
  count: number,
  to: (place: number, count: number) => number,
  sign: (place: number) => number,
): Mirror | undefined {
  if (Number.isNaN(to(0, count))) return undefined;
  const places = Array.from({ length: count }, (_, place) => place);
  return { to: places.map((place) => to(place, count)), sign: places.map(sign) };
}

function foldingBy(
  values: ArrayLike<number>,
  inputs: Mirror,
  outputs: Mirror | undefined,
  tolerance: number,
): Folding | undefined {
  if (!outputs) return undefined;
  const n = inputs.to.length;
  const sign: number[] = [];
  for (const [row, image] of outputs.to.entries()) {
    let product = 0;
    for (let j = 0; j < n; j++) product += inputs.sign[j]! * values[image * n + inputs.to[j]!]! * values[row * n + j]!;
    const own = product < 0 ? -1 : 1;
    for (let j = 0; j < n; j++) {
      const difference = values[image * n + inputs.to[j]!]! - own * inputs.sign[j]! * values[row * n + j]!;
      if (!(Math.abs(difference) <= tolerance)) return undefined;
    }
    sign.push(own);
  }
  return { inputs, outputs: { to: outputs.to, sign } };
}

/** Pairs by their first place, then places that are their own image, and their own with the other sign. */
function orderOf({ to, sign }: Mirror): Order {
  const order: Order = { pairs: [], evens: [], odds: [] };
  for (const [place, other] of to.entries()) {
    if (other > place) order.pairs.push([place, other, sign[place]!]);
    else if (other === place) (sign[place]! > 0 ? order.evens : order.odds).push(place);
  }
  return order;
}

export interface Half {
  rows: number;
  columns: number;
  /** (rows, columns) */
  values: Float32Array;
}

export interface Halves {
  inputs: Order;
  outputs: Order;
  /** Of pairs and evens of the outputs, and those of the inputs. */
  even: Half;
  /** Of pairs and odds. */
  odd: Half;
}

/** The two matrices that a matrix (rows, n) falls apart into. */
export function halvesOf(values: ArrayLike<number>, folding: Folding): Halves {
  const [inputs, outputs] = [orderOf(folding.inputs), orderOf(folding.outputs)];
  const n = folding.inputs.to.length;
  const half = (kind: 'evens' | 'odds', sign: number): Half => {
    const rows = [...outputs.pairs.map(([row]) => row), ...outputs[kind]];
    const columns = inputs.pairs.length + inputs[kind].length;
    const result = new Float32Array(rows.length * columns);
    let at = 0;
    for (const row of rows) {
      const line = row * n;
      for (const [j, image, own] of inputs.pairs) {
        result[at++] = (values[line + j]! + sign * own * values[line + image]!) / 2;
      }
      for (const j of inputs[kind]) result[at++] = values[line + j]!;
    }
    return { rows: rows.length, columns, values: result };
  };
  return { inputs, outputs, even: half('evens', 1), odd: half('odds', -1) };
}
