// For tests: matrices that fall apart into halves, of every kind that is looked for.

export const matrix = (rows: number, n: number, at: (i: number, j: number) => number): Float32Array =>
  Float32Array.from({ length: rows * n }, (_, k) => at(Math.floor(k / n), k % n));
const turn = (part: number) => 2 * Math.PI * part;
/** Of a map that resamples n places to `rows`: a kernel that is its own mirror image. */
export const kernel = (t: number) =>
  [0, 1, 2, 3].reduce((sum, p) => sum + (p ? 2 : 1) * Math.cos(turn(p * t)) * (1 - p / 5), 0);
const skew = (t: number) => [1, 2].reduce((sum, p) => sum + Math.sin(turn(p * t)) / p, 0);

export interface Mirrored {
  name: string;
  rows: number;
  n: number;
  values: Float32Array;
}

const MATRICES: [string, number, number, (i: number, j: number) => number][] = [
  [
    'cosines, then sines',
    14,
    16,
    (i, j) => (i < 7 ? Math.cos(turn((i * j) / 16)) : Math.sin(turn(((i - 7) * j) / 16))),
  ],
  ['cosines and sines in turn, odd', 13, 15, (i, j) => (i % 2 ? Math.sin : Math.cos)(turn((((i + 1) >> 1) * j) / 15))],
  [
    'back from cosines and sines',
    12,
    14,
    (i, j) => (j < 7 ? Math.cos(turn((i * j) / 12)) : Math.sin(turn((i * (j - 7)) / 12))),
  ],
  ['resampled', 12, 16, (i, j) => kernel(i / 12 - j / 16)],
  ['resampled, odd to even', 8, 11, (i, j) => kernel(i / 8 - j / 11)],
  [
    'complex numbers as pairs',
    12,
    16,
    (i, j) => {
      const [re, im] = [kernel((i >> 1) / 6 - (j >> 1) / 8), skew((i >> 1) / 6 - (j >> 1) / 8)];
      return i % 2 === j % 2 ? re : i % 2 ? im : -im;
    },
  ],
];

export const MIRRORED: Mirrored[] = MATRICES.map(([name, rows, n, at]) => ({
  name,
  rows,
  n,
  values: matrix(rows, n, at),
}));
