// The transforms themselves, on rows. Every product is of one small constant matrix with one wide one, not batched and not
// transposed, because that is the product which every backend does at full speed.
import { concat, matMul, mul, neg, reshape, slice, tensor } from '@tensorflow/tfjs-core';
import { constant } from './constants.ts';
import { denseMatrix, type LineTransform, rowWeight, type Side, type Sign, side } from './line-transform.ts';
import { planLength } from './plan.ts';
import { constantFactors, fit, type RowFactors, type Rows, rows, swap, turn } from './row-operations.ts';
import { cosine, sine } from './trigonometry.ts';

/** (input parts, input rows, columns) -> (output parts, output rows, columns) */
export function transformRows(x: Rows, transform: LineTransform): Rows {
  const { n, input, output } = transform;
  const [height, width] = [output.parts * output.rows, input.parts * input.rows];
  const plan = planLength(n, input.parts, output.parts, height * width);
  if (plan.kind === 'dense') {
    const matrix = constant(JSON.stringify(transform), () => tensor(denseMatrix(transform), [height, width]));
    return rows(matMul(matrix, reshape(x, [width, -1])), output.parts, output.rows);
  }
  const whole = fit(weigh(x, input, n), input.parts, n);
  const transformed =
    plan.kind === 'split'
      ? splitRows(whole, plan.first, plan.second, transform)
      : chirpRows(whole, plan.length, transform);
  return weigh(fit(transformed, output.parts, output.rows), output, n);
}

/** With m = a second + b and k = c + d first, the phase k m / n is a c / first + b c / n + b d / second. */
function splitRows(x: Rows, first: number, second: number, { n, sign, scale, input, output }: LineTransform): Rows {
  const ahead = { n: first, sign, scale, input: side(input.parts, first), output: side(2, first) };
  const stage = rows(transformRows(rows(x, input.parts, first), ahead), 2, n);
  const twiddles = constantFactors(`twiddles ${first} ${second} ${sign}`, n, (row) => [
    sign * Math.floor(row / second) * (row % second),
    n,
  ]);
  const swapped = rows(swap(turn(stage, twiddles), 2, first, second), 2, second);
  const behind = { n: second, sign, scale: 1, input: side(2, second), output: side(output.parts, second) };
  return rows(transformRows(swapped, behind), output.parts, n);
}

/**
 * Bluestein's way for lengths with a large prime factor: 2 k m = k^2 + m^2 - (k - m)^2 makes the transform a convolution
 * with a chirp, which is done at a length that factors well.
 */
function chirpRows(x: Rows, length: number, { n, sign, scale }: LineTransform): Rows {
  const chirp = (factor: number) => constantFactors(`chirp ${n} ${sign} ${factor}`, n, squareAngle(n, sign), factor);
  const padded = fit(turn(fit(x, 2, n), chirp(1)), 2, length);
  const filtered = turn(transformRows(padded, smooth(length, -1, 1)), chirpFilter(n, length, sign));
  return turn(fit(transformRows(filtered, smooth(length, 1, 1)), 2, n), chirp(scale));
}

/** k^2 / 2n in turns, reduced while it is an exact integer. */
function squareAngle(n: number, sign: number) {
  return (k: number) => [sign * ((k * k) % (2 * n)), 2 * n] as const;
}

/** Spectrum of the conjugate chirp laid around zero, divided by its length for the way back. */
function chirpFilter(n: number, length: number, sign: Sign): RowFactors {
  const angle = squareAngle(n, -sign);
  // What lies beyond n - 1 on either side meets nothing but the padding's zeros, so that it needs no zeros of its own.
  const around = (f: (k: number, n: number) => number) =>
    Array.from({ length }, (_, k) => f(...angle(Math.min(k, length - k))));
  const spectrum = (part: number) => {
    const filter = rows(tensor([...around(cosine), ...around(sine)]), 2, length);
    return slice(transformRows(filter, smooth(length, -1, 1 / length)), part, 1);
  };
  const key = `filter ${n} ${length} ${sign}`;
  return {
    straight: constant(`${key} straight`, () => reshape(spectrum(0), [length, 1])),
    crossed: constant(`${key} crossed`, () => concat([neg(spectrum(1)), spectrum(1)])),
  };
}

function smooth(n: number, sign: Sign, scale: number): LineTransform {
  return { n, sign, scale, input: side(2, n), output: side(2, n) };
}

function weigh(x: Rows, end: Side, n: number): Rows {
  if (!end.half) return x;
  const { parts, rows: count } = end;
  const weights = constant(`weights ${parts} ${count} ${n}`, () =>
    tensor(
      Array.from({ length: parts * count }, (_, at) => rowWeight(end, at % count, Math.floor(at / count), n)),
      [parts, count, 1],
    ),
  );
  return mul(x, weights);
}
