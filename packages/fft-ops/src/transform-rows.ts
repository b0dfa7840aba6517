// The transforms themselves, on rows. Every product is of one small constant matrix with one wide one, not batched and not
// transposed, because that is the product which every backend does at full speed.
import { matMul, mul, reshape, tensor, tidy } from '@tensorflow/tfjs-core';
import { constant } from './constants.ts';
import { denseMatrix, type LineTransform, rowWeight, type Side, type Sign, side } from './line-transform.ts';
import { planLength } from './plan.ts';
import { constantFactors, fit, type Rows, rows, swap, turn, unitCircle } from './row-operations.ts';

/** (input parts, input rows, columns) -> (output parts, output rows, columns) */
export function transformRows(x: Rows, transform: LineTransform): Rows {
  const { n, input, output } = transform;
  const [height, width] = [output.parts * output.rows, input.parts * input.rows];
  const plan = planLength(n, input.parts, output.parts, height * width);
  if (plan.kind === 'dense') {
    const matrix = constant(JSON.stringify(transform), () => tensor(denseMatrix(transform), [height, width]));
    return rows(matMul(matrix, reshape(x, [width, -1])), output.parts, output.rows);
  }
  // What is as large as the data lives no longer than it is needed, here and below: on its way it is copied a dozen times.
  const transformed = tidy(() => {
    const whole = () => fit(weigh(x, input, n), input.parts, n);
    return plan.kind === 'split'
      ? splitRows(whole, plan.first, plan.second, transform)
      : chirpRows(whole, plan.length, transform);
  });
  return weigh(fit(transformed, output.parts, output.rows), output, n);
}

/** With m = a second + b and k = c + d first, the phase k m / n is a c / first + b c / n + b d / second. */
function splitRows(
  x: () => Rows,
  first: number,
  second: number,
  { n, sign, scale, input, output }: LineTransform,
): Rows {
  const ahead = { n: first, sign, scale, input: side(input.parts, first), output: side(2, first) };
  const twiddles = constantFactors(`twiddles ${first} ${second} ${sign}`, n, () =>
    unitCircle(n, (row) => [sign * Math.floor(row / second) * (row % second), n]),
  );
  const stage = tidy(() => rows(transformRows(rows(x(), input.parts, first), ahead), 2, n));
  const turned = turn(stage, twiddles);
  stage.dispose();
  const swapped = rows(swap(turned, 2, first, second), 2, second);
  turned.dispose();
  const behind = { n: second, sign, scale: 1, input: side(2, second), output: side(output.parts, second) };
  return rows(transformRows(swapped, behind), output.parts, n);
}

/**
 * Bluestein's way for lengths with a large prime factor: 2 k m = k^2 + m^2 - (k - m)^2 makes the transform a convolution
 * with a chirp, which is done at a length that factors well.
 */
function chirpRows(x: () => Rows, length: number, { n, sign, scale }: LineTransform): Rows {
  // k^2 / 2n in turns, reduced while it is an exact integer.
  const angle = (k: number, direction: number) => [direction * ((k * k) % (2 * n)), 2 * n] as const;
  const chirp = (factor: number) =>
    constantFactors(`chirp ${n} ${sign} ${factor}`, n, () => unitCircle(n, (k) => angle(k, sign), factor));
  const through = (y: Rows, direction: Sign, factor: number) =>
    transformRows(y, { n: length, sign: direction, scale: factor, input: side(2, length), output: side(2, length) });
  // Spectrum of the conjugate chirp laid around zero, divided by its length for the way back. What lies beyond n - 1 on
  // either side meets nothing but the padding's zeros, so that it needs no zeros of its own.
  const filter = constantFactors(`filter ${n} ${length} ${sign}`, length, () => {
    const around = unitCircle(length, (k) => angle(Math.min(k, length - k), -sign));
    return through(around, -1, 1 / length);
  });
  const spectrum = tidy(() => through(fit(turn(fit(x(), 2, n), chirp(1)), 2, length), -1, 1));
  const filtered = turn(spectrum, filter);
  spectrum.dispose();
  return turn(fit(through(filtered, 1, 1), 2, n), chirp(scale));
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
