// Images through their spectra.
import {
  dispose,
  expandDims,
  gather,
  mul,
  reshape,
  type Tensor,
  tensor1d,
  tidy,
  transpose,
  util,
  zeros,
} from '@tensorflow/tfjs-core';
import { joined, part } from '../parts.ts';
import { fullBins, halfBins, type ImageMap, type MovedBin } from './bins.ts';
import { HELD_BY_FFT, inPasses, linesFor, passesFor } from './plan.ts';
import { columnsFrom, columnsOf, type Pair, rowsFrom, spectrumOf } from './stages.ts';

/** Y = irfft2(edit(rfft2(X))), image by image. */
export function mapImages(x: Tensor, { height, width }: ImageMap, grid?: Tensor): Tensor {
  const [batch, H, W, channels] = x.shape as [number, number, number, number];
  const [h, w] = [height.outputSize, width.outputSize];
  const shape = [batch, h, w, channels];
  if (x.size === 0) return zeros(shape);
  const [rows, columns] = [fullBins(height), halfBins(width)];
  const columnsAtOnce = Math.min(...[H, h].map((length) => linesFor(length, x, columns.length)));
  const spectrum = (lines: number) => 2 * columns.length * lines * channels;
  const size = util.sizeFromShape(shape);
  // Half of a spectrum is there twice while it is taken apart in another way.
  const passes = passesFor(columns.length, size + Math.max(x.size, size), (share, done) => {
    const inWork = Math.max((share * spectrum(H)) / 2, HELD_BY_FFT * x.size);
    return done * spectrum(h) + share * spectrum(H) + inWork;
  });
  const weights = grid && gridOver(grid, columns, rows);

  const parts = Array.from({ length: batch }, (_, index) => {
    const blocks = inPasses(columns, passes, (own, first) => {
      let next = first;
      return columnsOf({ images: x, index }, own, linesFor(W, x, H), columnsAtOnce, width.weights).map((block) => {
        const from = next;
        next += block.real.shape[0]!;
        const spectrum = spectrumOf(block, rows, height.weights);
        return columnsFrom(weights ? weighed(spectrum, part(weights, from, next - from)) : spectrum, rows, h);
      });
    });
    return rowsFrom(blocks, columns, w, linesFor(w, x, h));
  });
  return reshape(joined(parts.flat()), shape);
}

/** `grid` as it lies over the bins of a spectrum, (columns, rows). */
function gridOver(grid: Tensor, columns: MovedBin[], rows: MovedBin[]): Tensor {
  const places = (bins: MovedBin[]) =>
    tensor1d(
      bins.map(({ weight }) => weight),
      'int32',
    );
  return gather(transpose(gather(grid, places(rows))), places(columns));
}

/** A spectrum (rows, columns, channels) times weights (columns, rows). It is disposed of. */
function weighed({ real, imag }: Pair, weights: Tensor): Pair {
  return tidy(() => {
    const each = expandDims(transpose(weights), 2);
    const pair = { real: mul(real, each), imag: mul(imag, each) };
    dispose([real, imag]);
    return pair;
  });
}
