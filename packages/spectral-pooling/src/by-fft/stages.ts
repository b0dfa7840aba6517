// The FFTs of an image, some lines at a time. Along one axis all lines are alike, and an FFT holds its data ten times over:
// so each stage goes through the image in parts, and what the whole of a stage gives is all that is there as a whole.
import { fft, ifft, irfft, rfft } from '@stridelab/fft-ops';
import { reshape, type Tensor, tidy, transpose } from '@tensorflow/tfjs-core';
import { bounds, joined, part, split } from '../parts.ts';
import type { Weights } from '../side-matrices.ts';
import { type MovedBin, placeBins, takeBins } from './bins.ts';

/** Real and imaginary parts of the same numbers. */
export interface Pair {
  real: Tensor;
  imag: Tensor;
}

/** One of several images (batch, H, W, channels). It has no tensor of its own: that would be a copy. */
export interface Image {
  images: Tensor;
  index: number;
}

/** Half a spectrum along an image's rows, `most` at a time, at `bins`: in blocks (bins, H, channels), of `ofBlock` bins at most. */
export function columnsOf(
  { images, index }: Image,
  bins: MovedBin[],
  most: number,
  ofBlock: number,
  weights?: Weights,
): Pair[] {
  const [batch, H, W, channels] = images.shape as [number, number, number, number];
  const rows = reshape(images, [batch * H, W, channels]);
  const at = bounds(H, Math.ceil(H / most));
  const parts = at.slice(1).map((end, i) => {
    const lines = tidy(() => turned(part(rows, index * H + at[i]!, end - at[i]!)));
    const spectrum = rfft(lines, { axis: 0 });
    lines.dispose();
    return each(spectrum, (x) => takeBins(x, bins, weights));
  });
  rows.dispose();
  return regrouped(parts, ofBlock);
}

/** A block (columns, H, channels) to the spectrum of its columns at `bins`, (bins, columns, channels). It is disposed of. */
export function spectrumOf(block: Pair, bins: MovedBin[], weights?: Weights): Pair {
  const lines = each(block, turned);
  const spectrum = fft(lines, { axis: 0 });
  disposePair(lines);
  return each(spectrum, (x) => takeBins(x, bins, weights));
}

/** From such a spectrum to columns of `size`, (size, columns, channels). It is disposed of. */
export function columnsFrom(spectrum: Pair, bins: MovedBin[], size: number): Pair {
  const placed = each(spectrum, (x) => placeBins(x, bins, size));
  const columns = ifft(placed, { axis: 0 });
  disposePair(placed);
  return columns;
}

/** Blocks of columns, (H, bins, channels), to an image's rows, in parts (rows, size, channels), `most` each. They are disposed of. */
export function rowsFrom(blocks: Pair[], bins: MovedBin[], size: number, most: number): Tensor[] {
  return regrouped(blocks, most).map((block) => {
    const placed = each(block, (x) => placeBins(turned(x), bins, Math.floor(size / 2) + 1));
    const lines = irfft(placed, { n: size, axis: 0 });
    disposePair(placed);
    const rows = tidy(() => turned(lines));
    lines.dispose();
    return rows;
  });
}

/** Parts that lie side by side along the second axis, as parts of the first one, no longer than `most`. */
function regrouped(parts: Pair[], most: number): Pair[] {
  const count = Math.ceil(parts[0]!.real.shape[0]! / most);
  const whole = (name: keyof Pair) =>
    split(
      joined(
        parts.map((pair) => pair[name]),
        1,
      ),
      count,
    );
  const [reals, imags] = [whole('real'), whole('imag')];
  return reals.map((real, i) => ({ real, imag: imags[i]! }));
}

/** First one half of a pair, then the other; each is disposed of as soon as it has been read. */
function each(pair: Pair, f: (x: Tensor) => Tensor): Pair {
  const of = (x: Tensor) => {
    const y = tidy(() => f(x));
    x.dispose();
    return y;
  };
  return { real: of(pair.real), imag: of(pair.imag) };
}

/** (a, b, channels) -> (b, a, channels) */
function turned(x: Tensor): Tensor {
  return transpose(x, [1, 0, 2]);
}

function disposePair({ real, imag }: Pair): void {
  real.dispose();
  imag.dispose();
}
