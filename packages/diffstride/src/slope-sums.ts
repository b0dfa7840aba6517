// What the spectra on both ways say about the strides.
import { spectrumWeights, worksInLines } from '@stridelab/spectral-pooling/spectral-map';
import {
  matMul,
  mul,
  ones,
  reshape,
  stack,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  tidy,
  zeros,
} from '@tensorflow/tfjs-core';
import type { MaskTensors } from './mask-weights.ts';
import { mapOf } from './masked-sides.ts';
import type { MaskedSide } from './masks.ts';

/**
 * dL/dS of each side from the spectrum of the images and that of the gradient. Their product, summed over images and
 * channels, is dL/d(weight of a row * weight of a column); on it go each side's slopes, and the other side's weights.
 */
export function slopeSums(masks: MaskedSide[], { weights, slopes }: MaskTensors, channels: number) {
  const map = mapOf(masks);
  const of = (w: Tensor1D, i: number) => spectrumWeights(w, i === masks.length - 1 ? 'width' : 'height', map);
  const sums = (masks.length === 1 ? ofSignals : worksInLines() ? ofLines : ofImages)(
    slopes.map(of),
    weights.map(of),
    channels,
  );
  return (spectrum: Tensor, dSpectrum: Tensor): Tensor1D =>
    tidy(() => (spectrum.size === 0 ? zeros([masks.length]) : sums(mul(spectrum, dSpectrum))));
}

type Sums = (products: Tensor) => Tensor1D;

/** Sums as products of matrices: the fastest reductions that every backend has. Images are (batch, height, width, channels). */
function ofImages([slopeH, slopeW]: Tensor1D[], [weightH, weightW]: Tensor1D[], channels: number): Sums {
  const [height, width] = [stack([slopeH!, weightH!]) as Tensor2D, stack([weightW!, slopeW!])];
  return (products) => {
    const grid = reshape(overImages(products, channels), [slopeH!.size, slopeW!.size]);
    return sum(mul(matMul(height, grid as Tensor2D), width), 1);
  };
}

/** Lines are (batch, channels, width, height): the rows are summed first, with both of their weightings. */
function ofLines([slopeH, slopeW]: Tensor1D[], [weightH, weightW]: Tensor1D[]): Sums {
  const [height, width] = [stack([slopeH!, weightH!], 1) as Tensor2D, stack([weightW!, slopeW!], 1)];
  return (products) => {
    const weighted = matMul(reshape(products, [-1, slopeH!.size]) as Tensor2D, height);
    return sum(mul(sum(reshape(weighted, [-1, slopeW!.size, 2]), 0), width), 0);
  };
}

/** (batch, width, channels), or as lines (batch, channels, width). */
function ofSignals([slope]: Tensor1D[], _: Tensor1D[], channels: number): Sums {
  if (worksInLines()) {
    return (products) =>
      reshape(sum(matMul(reshape(products, [-1, slope!.size]) as Tensor2D, reshape(slope!, [-1, 1]))), [1]);
  }
  return (products) => reshape(sum(mul(reshape(overImages(products, channels), [-1]), slope!)), [1]);
}

/** The sum over the batch and the channels. */
function overImages(products: Tensor, channels: number): Tensor2D {
  const batch = products.shape[0]!;
  const sums = matMul(reshape(products, [-1, channels]) as Tensor2D, ones([channels, 1]));
  return matMul(ones([1, batch]), reshape(sums, [batch, -1]) as Tensor2D);
}
