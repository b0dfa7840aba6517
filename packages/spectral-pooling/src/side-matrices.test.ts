import { expectNoLeak, forEachBackend } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { columnSide, rowSide, type Side } from './side.ts';
import { type Axis, analysis, type MatrixMaker, product, synthesis, type Weights } from './side-matrices.ts';

const rows = rowSide(9, [0, 1, 2, 7, 8]);
const columns = columnSide(10, 6, 4);
const WEIGHTS = [1, 0.75, 0.5, 0.25, 0.125];

interface Factors {
  side: Side;
  axis: Axis;
  complex?: boolean;
}

const makers: [string, (weights: Weights, factors: Factors) => MatrixMaker][] = [
  ['product', (weights, { side, axis, complex }) => product({ ...side, weights }, axis, complex ?? false)],
  ['synthesis', (weights, { side, axis, complex }) => synthesis({ ...side, weights }, axis, { complex })],
  ['synthesis of what is needed', (_, { side, axis }) => synthesis(side, axis, { needed: true })],
  ['analysis', (_, { side, axis, complex }) => analysis(side, axis, { complex })],
  ['analysis of what is needed', (_, { side, axis }) => analysis(side, axis, { needed: true })],
];

forEachBackend(() => {
  it.each(
    makers.flatMap(([name, make]) =>
      [
        { side: rows, axis: 'height', complex: true },
        { side: rows, axis: 'height' },
        { side: columns, axis: 'width' },
      ].map((factors) => [name, make, factors as Factors] as const),
    ),
  )('%s: with weights of the device as with those of the host, and transposed, %#', async (_, make, factors) => {
    const known = WEIGHTS.slice(0, factors.side.bins.length);
    const [host, device] = [make(known, factors), make(tf.tensor1d(known), factors)];
    const matrix = host(false);
    await expect(device(false)).toBeAllClose(matrix, { absolute: 1e-6 });
    for (const transposed of [host(true), device(true)]) {
      expect(transposed.shape).toEqual([matrix.shape[1], matrix.shape[0]]);
      await expect(transposed).toBeAllClose(tf.transpose(matrix), { absolute: 1e-6 });
    }
    expectNoLeak(() => device(false), 1);
  });

  it('of a product: the weighted synthesis times the analysis', async () => {
    for (const complex of [true, false]) {
      const whole = product({ ...rows, weights: WEIGHTS }, 'height', complex)(false);
      const left = synthesis({ ...rows, weights: WEIGHTS }, 'height', { complex })(false);
      const right = analysis(rows, 'height', { complex })(false);
      expect(whole.shape).toEqual([5, 9].map((samples) => samples * (complex ? 2 : 1)));
      await expect(whole).toBeAllClose(tf.matMul(left, right), { absolute: 1e-6 });
    }
  });

  it('are those of a DFT and its inverse, in float64', async () => {
    const samples = Array.from({ length: 10 }, (_, m) => Math.cos(m * m));
    const spectrum = columns.bins.map(({ input }) =>
      samples.reduce(
        ([re, im], x, m) => {
          const turn = (-2 * Math.PI * input * m) / 10;
          return [re! + x * Math.cos(turn), im! + x * Math.sin(turn)];
        },
        [0, 0],
      ),
    ) as [number, number][];
    const expected = Array.from({ length: 6 }, (_, n) =>
      columns.bins.reduce((sum, { output, amplitude }, j) => {
        const turn = (2 * Math.PI * output * n) / 6;
        const [re, im] = spectrum[j]!;
        return sum + (WEIGHTS[j]! * amplitude * (re * Math.cos(turn) - im * Math.sin(turn))) / 6;
      }, 0),
    );
    const matrix = product({ ...columns, weights: tf.tensor1d(WEIGHTS.slice(0, 4)) }, 'width', false)(false);
    await expect(tf.matMul(matrix, tf.tensor2d(samples, [10, 1]))).toBeAllClose(tf.tensor2d(expected, [6, 1]), {
      absolute: 1e-5,
    });
    // Of four bins two have no imaginary part that counts.
    expect(analysis(columns, 'width', { needed: true })(false).shape).toEqual([6, 10]);
  });
});
