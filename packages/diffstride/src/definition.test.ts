// The definition as MATH has it, in float64 and with plain loops, against both masks on any shape.
import { compilesEachShape, forEachBackend, naiveDft, randomValues } from '@stridelab/test-kit';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { diffStride2d } from './diff-stride2d.ts';
import type { MaskKind } from './rules.ts';

interface Options {
  smoothness: number;
  cropping: boolean;
  mask: MaskKind;
}

type Complex = { real: Float64Array; imag: Float64Array };

const ramp = (p: number, t: number, smoothness: number) => Math.min(Math.max((smoothness + t - p) / smoothness, 0), 1);
const halfOfKept = (size: number, stride: number, smoothness: number) =>
  Math.max(size / Math.max(stride, size / (size - smoothness)), 2) / 2;

/** For each row of the output's spectrum, the row of the input's that it comes from, if any, and its weight. */
function rowsOf(size: number, stride: number, { smoothness, cropping, mask }: Options) {
  const t = halfOfKept(size, stride, smoothness);
  const odd = size % 2;
  const half = Array.from({ length: Math.floor(size / 2) + odd }, (_, v) => v);
  const centred = [...half.slice(odd).reverse(), ...half];
  const positions = centred.map((_, k) => centred[(k + Math.ceil(size / 2)) % size]!);
  const rows = positions.flatMap((p, row) => (!cropping || p < smoothness + t ? [row] : []));
  if (mask === 'published') return rows.map((row) => ({ row, weight: ramp(positions[row]!, t, smoothness) }));
  return rows.map((_, k) => {
    const frequency = 2 * k < rows.length ? k : k - rows.length;
    const unpaired = 2 * frequency === -rows.length;
    const weight = unpaired ? 0 : ramp(Math.abs(frequency), t, smoothness);
    return { row: (frequency + size) % size, weight };
  });
}

/** The weights of columns 0, 1, ... of the half spectrum that stay. */
function columnsOf(size: number, stride: number, { smoothness, cropping }: Options): number[] {
  const t = halfOfKept(size, stride, smoothness) + 1;
  const all = Array.from({ length: Math.floor(size / 2) + 1 }, (_, k) => k);
  return all.filter((k) => !cropping || k < smoothness + t).map((k) => ramp(k, t, smoothness));
}

function pooledByDefinition(image: number[][], strides: [number, number], options: Options): number[][] {
  const [height, width] = [image.length, image[0]!.length];
  const rows = rowsOf(height, strides[0], options);
  const columns = columnsOf(width, strides[1], options);
  const [h, w] = [rows.length, 2 * (columns.length - 1)];
  const alongRows = image.map((row) => naiveDft({ real: Float64Array.from(row), imag: new Float64Array(width) }));
  const half = columns.map((weight, k): Complex => {
    const column = naiveDft({
      real: Float64Array.from(alongRows, ({ real }) => real[k]!),
      imag: Float64Array.from(alongRows, ({ imag }) => imag[k]!),
    });
    const masked = (part: Float64Array) => Float64Array.from(rows, (r) => part[r.row]! * r.weight * weight);
    const back = naiveDft({ real: masked(column.real), imag: masked(column.imag) }, true);
    return { real: back.real.map((v) => v / h), imag: back.imag.map((v) => v / h) };
  });
  return rows.map((_, y) => {
    // An inverse real FFT reads the real parts alone of frequency zero and of the last one of an even length.
    const full: Complex = { real: new Float64Array(w), imag: new Float64Array(w) };
    for (const [k, { real, imag }] of half.entries()) {
      const own = k === 0 || 2 * k === w;
      full.real[k] = real[y]!;
      full.imag[k] = own ? 0 : imag[y]!;
      if (!own) [full.real[w - k], full.imag[w - k]] = [real[y]!, -imag[y]!];
    }
    return Array.from(naiveDft(full, true).real, (v) => v / w);
  });
}

forEachBackend((backend) => {
  it("is the definition for any shape, and 'symmetric' differs from 'published' by the rows' mask alone", async () => {
    const side = fc.integer({ min: 5, max: 14 });
    const stride = fc.double({ min: 1, max: 6, noNaN: true });
    const options = fc.record({
      smoothness: fc.double({ min: 0.5, max: 4.5, noNaN: true }),
      cropping: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        side,
        side,
        stride,
        stride,
        options,
        fc.integer(),
        async (height, width, sh, sw, chosen, seed) => {
          const values = randomValues(height * width, seed);
          const image = Array.from({ length: height }, (_, y) => Array.from(values.slice(y * width, (y + 1) * width)));
          const x = tf.tensor4d(values, [1, height, width, 1]);
          for (const mask of ['published', 'symmetric'] as const) {
            const expected = pooledByDefinition(image, [sh, sw], { ...chosen, mask });
            const shape = [1, expected.length, expected[0]!.length, 1];
            for (const strides of [[sh, sw] as [number, number], tf.tensor1d([sh, sw])]) {
              const y = diffStride2d(x, strides, { ...chosen, mask });
              // A stride in float32 may lie on the other side of the point at which a frequency comes in, without weight.
              if (strides instanceof tf.Tensor && y.shape.join() !== shape.join()) continue;
              expect(y.shape).toEqual(shape);
              await expect(y).toBeAllClose(tf.tensor4d(expected.flat(), shape as never), { relative: 2e-5 });
            }
          }
        },
      ),
      { numRuns: compilesEachShape(backend) ? 6 : 60 },
    );
  });
});
