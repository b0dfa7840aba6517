// The factors of a side's matrix, in float64: A = synthesis * diag(weights) * analysis. A complex number is a pair of reals.
import type { Side } from './side.ts';

/** Where pairs lie along an axis: each next to the other, or all real parts before all imaginary ones. */
export type Pairing = 'next' | 'apart';

export interface Matrix {
  rows: number;
  columns: number;
  values: Float32Array;
}

/** Where part `part` (0 real, 1 imaginary) of element `index` lies among `size` pairs. */
const place = {
  next: (index: number, part: number) => 2 * index + part,
  apart: (index: number, part: number, size: number) => part * size + index,
} as const;

/** The bins of the 2 * bins numbers of a side's spectrum in their order, and those numbers' places that a real map needs. */
export function numbersOf({ bins, outputSize }: Side, pairing: Pairing): { bin: number[]; needed: number[] } {
  const bin = Array.from({ length: 2 * bins.length }, () => 0);
  const needed: number[] = [];
  for (const [j, { output }] of bins.entries()) {
    for (const part of [0, 1]) bin[place[pairing](j, part, bins.length)] = j;
    needed.push(place[pairing](j, 0, bins.length));
    // The imaginary part of frequency zero and of the Nyquist frequency has no influence on a real result.
    if ((2 * output) % outputSize !== 0) needed.push(place[pairing](j, 1, bins.length));
  }
  return { bin, needed: needed.sort((a, b) => a - b) };
}

/** cos and sin of 2 pi k / size, as a table: phases are reduced modulo `size` in integers and so are exact. */
function circle(size: number) {
  const cos = Float64Array.from({ length: size }, (_, k) => Math.cos((2 * Math.PI * k) / size));
  const sin = Float64Array.from({ length: size }, (_, k) => Math.sin((2 * Math.PI * k) / size));
  const turn = (k: number) => ((k % size) + size) % size;
  return (k: number): [number, number] => [cos[turn(k)]!, sin[turn(k)]!];
}

/** A matrix with a (real, imaginary) pair for each `inner` index; `outerPairs` says whether the outer index has one too. */
function pairMatrix(
  transposed: boolean,
  pairing: Pairing,
  [outer, inner]: [number, number],
  outerPairs: boolean,
  entry: (outer: number, inner: number) => [number, number],
): Matrix {
  const [rows, columns] = [outerPairs ? 2 * outer : outer, 2 * inner];
  const values = new Float32Array(rows * columns);
  const put = (row: number, column: number, value: number) => {
    values[transposed ? column * rows + row : row * columns + column] = value;
  };
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const [re, im] = entry(o, i);
      const [iRe, iIm] = [place[pairing](i, 0, inner), place[pairing](i, 1, inner)];
      if (!outerPairs) {
        put(o, iRe, re);
        put(o, iIm, transposed ? im : -im);
        continue;
      }
      const [oRe, oIm] = [place[pairing](o, 0, outer), place[pairing](o, 1, outer)];
      put(oRe, iRe, re);
      put(oRe, iIm, transposed ? im : -im);
      put(oIm, iRe, transposed ? -im : im);
      put(oIm, iIm, re);
    }
  }
  return transposed ? { rows: columns, columns: rows, values } : { rows, columns, values };
}

/** (2 bins, inputSize) from real values, or with `complex` (2 bins, 2 inputSize): the input's spectrum at the side's bins. */
export function analysisMatrix({ inputSize, bins }: Side, pairing: Pairing, complex: boolean): Matrix {
  const at = circle(inputSize);
  return pairMatrix(true, pairing, [inputSize, bins.length], complex, (m, j) => {
    const [cos, sin] = at(bins[j]!.input * m);
    return [cos, -sin];
  });
}

/** (outputSize, 2 bins), the real part of the sum, or with `complex` (2 outputSize, 2 bins). */
export function synthesisMatrix({ outputSize, bins }: Side, pairing: Pairing, complex: boolean): Matrix {
  const at = circle(outputSize);
  return pairMatrix(false, pairing, [outputSize, bins.length], complex, (n, j) => {
    const { output, amplitude } = bins[j]!;
    const [cos, sin] = at(output * n);
    return [(amplitude / outputSize) * cos, (amplitude / outputSize) * sin];
  });
}
