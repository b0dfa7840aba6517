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

/**
 * The numbers of a side's spectrum: for each place the bin whose part lies there. `needed` are those alone that a real map
 * needs: the imaginary part of frequency zero and of the Nyquist frequency has no influence on a real result.
 */
export function numbersOf({ bins, outputSize }: Side, { pairing, needed = false }: Numbers): number[] {
  return partsOf({ bins, outputSize }, { pairing, needed }).map(({ bin }) => bin);
}

/** How the numbers of a spectrum lie, and which of them are there. */
export interface Numbers {
  pairing: Pairing;
  needed?: boolean;
}

/** Which part of which bin each number is. */
function partsOf({ bins, outputSize }: Pick<Side, 'bins' | 'outputSize'>, { pairing, needed }: Numbers) {
  const all: { bin: number; part: number }[] = [];
  for (const bin of bins.keys()) {
    for (const part of [0, 1]) all[place[pairing](bin, part, bins.length)] = { bin, part };
  }
  return needed ? all.filter(({ bin, part }) => part === 0 || (2 * bins[bin]!.output) % outputSize !== 0) : all;
}

/** cos and sin of 2 pi k / size, as a table: phases are reduced modulo `size` in integers and so are exact. */
function circle(size: number) {
  const cos = Float64Array.from({ length: size }, (_, k) => Math.cos((2 * Math.PI * k) / size));
  const sin = Float64Array.from({ length: size }, (_, k) => Math.sin((2 * Math.PI * k) / size));
  const turn = (k: number) => ((k % size) + size) % size;
  return (k: number): [number, number] => [cos[turn(k)]!, sin[turn(k)]!];
}

/** Of a factor: the numbers of the spectrum, whether images are pairs too, and whether the matrix is wanted transposed. */
export interface FactorOptions extends Numbers {
  complex?: boolean;
  transposed?: boolean;
}

/**
 * A matrix of samples and the numbers of a spectrum, of complex entries. With `complex` the samples are pairs; otherwise numbers
 * have the parts that they have in a real sample's spectrum (`sign` 1), or in the real part of a sum (`sign` -1).
 */
function factor(
  { side, samples, sign, numbersFirst }: { side: Side; samples: number; sign: 1 | -1; numbersFirst: boolean },
  { complex, ...numbers }: FactorOptions,
  entry: (sample: number, bin: number) => [number, number],
): Matrix {
  const parts = partsOf(side, numbers);
  const [values, length] = [complex ? 2 * samples : samples, parts.length];
  const matrix = new Float32Array(values * length);
  const [perValue, perNumber] = numbersFirst ? [1, values] : [length, 1];
  const numberOf = side.bins.map(() => [-1, -1]);
  for (const [number, { bin, part }] of parts.entries()) numberOf[bin]![part] = number * perNumber;
  for (const [bin, [real, imaginary]] of numberOf.entries() as Iterable<[number, [number, number]]>) {
    for (let sample = 0; sample < samples; sample++) {
      const [re, im] = entry(sample, bin);
      const first = perValue * (complex ? place[numbers.pairing](sample, 0, samples) : sample);
      matrix[first + real] = re;
      if (imaginary >= 0) matrix[first + imaginary] = sign * im;
      if (!complex) continue;
      const second = perValue * place[numbers.pairing](sample, 1, samples);
      matrix[second + real] = -sign * im;
      if (imaginary >= 0) matrix[second + imaginary] = re;
    }
  }
  const [rows, columns] = numbersFirst ? [length, values] : [values, length];
  return { rows, columns, values: matrix };
}

/** (2 bins, inputSize) from real values, or with `complex` (2 bins, 2 inputSize): the input's spectrum at the side's bins. */
export function analysisMatrix(side: Side, options: FactorOptions): Matrix {
  const at = circle(side.inputSize);
  const layout = { side, samples: side.inputSize, sign: 1, numbersFirst: !options.transposed } as const;
  return factor(layout, options, (m, j) => {
    const [cos, sin] = at(side.bins[j]!.input * m);
    return [cos, -sin];
  });
}

/** (outputSize, 2 bins), the real part of the sum, or with `complex` (2 outputSize, 2 bins). */
export function synthesisMatrix(side: Side, options: FactorOptions): Matrix {
  const at = circle(side.outputSize);
  const layout = { side, samples: side.outputSize, sign: -1, numbersFirst: options.transposed ?? false } as const;
  return factor(layout, options, (n, j) => {
    const { output, amplitude } = side.bins[j]!;
    const [cos, sin] = at(output * n);
    return [(amplitude / side.outputSize) * cos, (amplitude / side.outputSize) * sin];
  });
}
