// The map under masks whose strides learn.
import {
  adjointSteps,
  applySteps,
  resampledShape,
  spectrumProducts,
  stepsOf,
} from '@stridelab/spectral-pooling/spectral-map';
import { reshape, sum, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { masksNow, type Strides } from './mask-weights.ts';
import { mapOf } from './masked-sides.ts';
import type { MaskedSide } from './masks.ts';
import type { Rules } from './rules.ts';
import { slopeSums } from './slope-sums.ts';
import { viewGrad } from './view-grad.ts';

/**
 * Y = synthesis(weights * analysis(X)). The weights' gradient is the product of the spectrum of X and that of the gradient.
 * Both are computed on the way back: kept from the way there, the spectrum would be as large as a map, and X is there anyway.
 */
export function learnablePool(x: Tensor, tensor: Tensor, masks: MaskedSide[], strides: Strides, rules: Rules): Tensor {
  const masksOf = (variable: Tensor) => masksNow(masks, x.shape.slice(1, -1), { ...strides, tensor: variable }, rules);
  const steps = (variable: Tensor) => stepsOf(mapOf(masks, masksOf(variable).weights));

  const forward = viewGrad((...inputs) => {
    const [images, variable] = inputs as [Tensor, Tensor];
    const value = applySteps(images, () => steps(variable), resampledShape(x, mapOf(masks)));
    const gradFunc = (dy: Tensor, saved: Tensor[]) => {
      const [kept, used] = saved as [Tensor, Tensor];
      const dStrides = tidy(() => {
        const ofSides = slopeSums(masks, masksOf(used), spectrumProducts(kept, dy, mapOf(masks)));
        return reshape(rules.shared ? sum(ofSides) : ofSides, used.shape);
      });
      return [applySteps(dy, () => adjointSteps(steps(used)), kept.shape), dStrides];
    };
    return { value, gradFunc };
  });
  return forward(x, tensor);
}
