// What the transforms are made of. Data lies in rows, (parts, rows, columns), the parts being real and imaginary, or real
// alone.
import {
  add,
  concat,
  mul,
  neg,
  pad,
  reshape,
  slice,
  type Tensor,
  type Tensor3D,
  tensor,
  tidy,
  transpose,
} from '@tensorflow/tfjs-core';
import { constant } from './constants.ts';
import { cosine, sine } from './trigonometry.ts';

/** (parts, rows, columns) */
export type Rows = Tensor3D;

export function rows(x: Tensor, parts: number, count: number): Rows {
  return reshape(x, [parts, count, -1]);
}

/** Crops or zero-pads to so many parts and rows. */
export function fit(x: Rows, parts: number, count: number): Rows {
  if (parts === x.shape[0] && count === x.shape[1]) return x;
  const size: [number, number, number] = [Math.min(parts, x.shape[0]), Math.min(count, x.shape[1]), x.shape[2]];
  const cropped = slice(x, [0, 0, 0], size);
  if (parts === size[0] && count === size[1]) return cropped;
  return pad(cropped, [
    [0, parts - size[0]],
    [0, count - size[1]],
    [0, 0],
  ]);
}

/** (parts, a, b, rest) -> (parts, b, a, rest): moves runs of values, which is cheap. */
export function swap(x: Tensor, parts: number, a: number, b: number): Tensor {
  return transpose(reshape(x, [parts, a, b, -1]), [0, 2, 1, 3]);
}

/** One complex factor a row, in the form that {@link turn} multiplies by. */
export interface RowFactors {
  /** (rows, 1): what both parts keep of themselves. */
  straight: Tensor;
  /** (2, rows, 1): what each part takes of the other, minus the imaginary part of the factor and plus it. */
  crossed: Tensor;
}

/** Multiplies row j of a complex x by factor j. */
export function turn(x: Rows, { straight, crossed }: RowFactors): Rows {
  return tidy(() => {
    const exchanged = tidy(() => concat([slice(x, 1, 1), slice(x, 0, 1)]));
    const others = mul(exchanged, crossed);
    exchanged.dispose();
    return add(mul(x, straight), others);
  });
}

/** Row factors that `build` gives as (2, count, 1), kept as constants. */
export function constantFactors(key: string, count: number, build: () => Tensor): RowFactors {
  const part = (index: number) => slice(build(), index, 1);
  return {
    straight: constant(`${key} straight`, () => reshape(part(0), [count, 1])),
    crossed: constant(`${key} crossed`, () => concat([neg(part(1)), part(1)])),
  };
}

/** One complex number a row, each given by its angle in turns, numerator over denominator, and a common scale. */
export function unitCircle(count: number, angle: (row: number) => readonly [number, number], scale = 1): Rows {
  const table = (f: (k: number, n: number) => number) =>
    Array.from({ length: count }, (_, row) => scale * f(...angle(row)));
  return tensor([...table(cosine), ...table(sine)], [2, count, 1]);
}
