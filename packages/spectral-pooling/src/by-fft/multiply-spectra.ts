// What two spectra say about the weights between them.
import { add, dispose, expandDims, gather, mul, sum, type Tensor, tensor1d, tidy, zeros } from '@tensorflow/tfjs-core';
import { joined } from '../parts.ts';
import { fullBins, type ImageMap, type MovedBin } from './bins.ts';
import { HELD_BY_FFT, inPasses, linesFor, passesFor } from './plan.ts';
import { columnsOf, type Pair, spectrumOf } from './stages.ts';

/** Products over all images and channels, (height's bins, width's bins). */
export function multiplySpectra(x: Tensor, dy: Tensor, { height, width }: ImageMap): Tensor {
  const [batch, H, W, channels] = x.shape as [number, number, number, number];
  const [h, w] = [height.outputSize, width.outputSize];
  if (x.size === 0) return zeros([height.bins.length, width.bins.length]);
  const [rows, columns] = [fullBins(height), width.bins.map((bin, weight) => ({ ...bin, weight }))];
  const ofResult = (bins: MovedBin[], amplitude: number) =>
    bins.map((bin) => ({ ...bin, input: bin.output, amplitude }));
  const [rowsOfResult, columnsOfResult] = [ofResult(rows, 1 / h), ofResult(columns, 1 / w)];
  const columnsAtOnce = Math.min(...[H, h].map((length) => linesFor(length, x, columns.length)));
  const spectrum = (lines: number) => 2 * columns.length * lines * channels;
  const products = rows.length * columns.length;
  // The room is that of dx, which is not there yet, and of one map more.
  const passes = passesFor(columns.length, 2 * x.size, (share) => {
    const inWork = Math.max((share * spectrum(h)) / 2, HELD_BY_FFT * Math.max(x.size, dy.size));
    return 2 * products + share * spectrum(H + h) + inWork;
  });

  const productsOf = (index: number) => {
    const blocks = inPasses(columns, passes, (own, first) => {
      const ownOfResult = columnsOfResult.slice(first, first + own.length);
      const ofGradient = columnsOf({ images: dy, index }, ownOfResult, linesFor(w, x, h), columnsAtOnce);
      return columnsOf({ images: x, index }, own, linesFor(W, x, H), columnsAtOnce).map((block, i) =>
        summedOverChannels(spectrumOf(block, rows), spectrumOf(ofGradient[i]!, rowsOfResult)),
      );
    });
    return joined(blocks, 1);
  };
  let total = productsOf(0);
  for (let index = 1; index < batch; index++) {
    const sums = [total, productsOf(index)] as const; // addN takes no more of them than a GPU binds
    total = add(...sums);
    dispose([...sums]);
  }
  return ofBins(total, rows, height.bins.length);
}

/** The real part of a times the conjugate of b; both are disposed of. */
function summedOverChannels(a: Pair, b: Pair): Tensor {
  return tidy(() => {
    const product = add(mul(a.real, b.real), mul(a.imag, b.imag));
    dispose([a.real, a.imag, b.real, b.imag]);
    return sum(product, 2);
  });
}

/** Rows of a spectrum as those of the weights that they have; one weight may have two. */
function ofBins(products: Tensor, rows: MovedBin[], bins: number): Tensor {
  const of = Array.from({ length: bins }, (): number[] => []);
  for (const [row, { weight }] of rows.entries()) of[weight]!.push(row);
  const those = (which: 0 | 1) =>
    gather(
      products,
      tensor1d(
        of.map((own) => own[which] ?? 0),
        'int32',
      ),
    );
  if (of.every((own) => own.length === 1)) return those(0);
  const hasTwo = tensor1d(of.map((own) => own.length - 1));
  return add(those(0), mul(those(1), expandDims(hasTwo, 1)));
}
