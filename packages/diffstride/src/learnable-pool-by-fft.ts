// Learnable strides for images so large that FFTs are cheaper than matrices.
import {
  type ImageMap,
  mapByFft,
  productsByFft,
  transposedMap,
  weightsTensor,
} from '@stridelab/spectral-pooling/spectral-map';
import { matMul, mul, reshape, stack, sum, type Tensor, type Tensor2D, tidy } from '@tensorflow/tfjs-core';
import { type Masks, masksNow, type Strides } from './mask-weights.ts';
import { mapOf } from './masked-sides.ts';
import type { MaskedSide } from './masks.ts';
import type { Rules } from './rules.ts';
import { viewGrad } from './view-grad.ts';

/** As `learnablePool`; here too the spectra are computed again on the way back. */
export function learnablePoolByFft(
  x: Tensor,
  tensor: Tensor,
  masks: MaskedSide[],
  strides: Strides,
  rules: Rules,
): Tensor {
  const masksOf = (variable: Tensor) => masksNow(masks, x.shape.slice(1, -1), { ...strides, tensor: variable }, rules);
  const map = (variable: Tensor) => mapOf(masks, masksOf(variable).weights) as ImageMap;
  const forward = viewGrad((...inputs) => {
    const [images, variable] = inputs as [Tensor, Tensor];
    const gradFunc = (dy: Tensor, saved: Tensor[]) => {
      const [kept, used] = saved as [Tensor, Tensor];
      const dStrides = tidy(() => {
        const ofSides = slopeSums(masksOf(used), productsByFft(kept, dy, mapOf(masks) as ImageMap));
        return reshape(rules.shared ? sum(ofSides) : ofSides, used.shape);
      });
      return [mapByFft(dy, () => transposedMap(map(used))), dStrides];
    };
    return { value: mapByFft(images, () => map(variable)), gradFunc };
  });
  return forward(x, tensor);
}

/** dL/dS of both sides from dL/d(weight of a row * weight of a column): on it go one side's slopes and the other's weights. */
function slopeSums({ weights, slopes }: Masks, products: Tensor): Tensor {
  const [weightH, weightW, slopeH, slopeW] = [...weights, ...slopes].map(weightsTensor);
  return sum(mul(matMul(stack([slopeH!, weightH!]), products as Tensor2D), stack([weightW!, slopeW!])), 1);
}
