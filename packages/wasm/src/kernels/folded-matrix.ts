// A matrix in halves as assembly/folded-product.ts reads them.
import { foldingOf, type Half, halvesOf, type Order } from './folding.ts';
import { roundUp } from './kernel.ts';

export interface FoldedMatrix {
  /** Numbers of 4 bytes, some of them float32. */
  data: Int32Array;
  /** Where in it the even half begins, the odd half, the places of the inputs and those of the outputs. */
  places: number[];
}

/** Nothing of a matrix (rows, n) that does not fall apart. */
export function foldedMatrix(values: ArrayLike<number>, rows: number, n: number): FoldedMatrix | undefined {
  const folding = foldingOf(values, rows, n);
  if (!folding) return undefined;
  const { even, odd, inputs, outputs } = halvesOf(values, folding);
  const lengths = [lengthOf(even), lengthOf(odd), numbersIn(inputs), numbersIn(outputs)];
  const places = lengths.map((_, i) => lengths.slice(0, i).reduce((sum, length) => sum + length, 0));
  const data = new Int32Array(lengths.reduce((sum, length) => sum + length));
  const floats = new Float32Array(data.buffer);
  floats.set(even.values, places[0]);
  floats.set(odd.values, places[1]);
  for (const [i, { pairs, evens, odds }] of [inputs, outputs].entries()) {
    let at = places[i + 2]!;
    data.set([pairs.length, evens.length, odds.length], at);
    at += HEAD;
    for (const [place, other, sign] of pairs) {
      data[at] = place;
      data[at + 1] = other;
      floats[at + 2] = sign;
      at += PAIR;
    }
    data.set([...evens, ...odds], at);
  }
  return { data, places };
}

/** Numbers before the pairs, and of each. */
const HEAD = 3;
const PAIR = 3;

/** Rows up to a multiple of four. */
const lengthOf = ({ rows, columns }: Half) => roundUp(rows, 4) * columns;

const numbersIn = ({ pairs, evens, odds }: Order) => HEAD + PAIR * pairs.length + evens.length + odds.length;
