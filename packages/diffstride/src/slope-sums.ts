// What the spectra on both ways say about the strides.
import { spectrumWeights } from '@stridelab/spectral-pooling/spectral-map';
import { matMul, mul, reshape, stack, sum, type Tensor1D } from '@tensorflow/tfjs-core';
import type { Masks } from './mask-weights.ts';
import { mapOf } from './masked-sides.ts';
import type { MaskedSide } from './masks.ts';

/**
 * dL/dS of each side. `products` are dL/d(weight of a row * weight of a column) for every place of the spectrum; on them go
 * each side's slopes, and the other side's weights.
 */
export function slopeSums(masks: MaskedSide[], { weights, slopes }: Masks, products: Tensor1D): Tensor1D {
  const map = mapOf(masks);
  const of = (i: number) => {
    const axis = i === masks.length - 1 ? 'width' : 'height';
    return [slopes, weights].map((list) => spectrumWeights(list[i]!, axis, map)) as [Tensor1D, Tensor1D];
  };
  if (masks.length === 1) return reshape(sum(mul(products, of(0)[0])), [1]);
  const [[slopeH, weightH], [slopeW, weightW]] = [of(0), of(1)];
  const grid = reshape(products, [slopeH.size, slopeW.size]);
  return sum(mul(matMul(stack([slopeH, weightH]), grid), stack([weightW, slopeW])), 1);
}
