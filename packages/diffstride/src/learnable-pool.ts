// The map under masks whose strides learn.
import {
  adjointSteps,
  applySteps,
  resampledShape,
  spectrumProducts,
  stepsOf,
} from '@stridelab/spectral-pooling/spectral-map';
import { reshape, sum, Tensor, tidy } from '@tensorflow/tfjs-core';
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
  const sides = x.shape.slice(1, -1);
  const forward = viewGrad((...inputs) => {
    const [images, variable] = inputs as [Tensor, Tensor];
    const now = masksNow(masks, sides, { ...strides, tensor: variable }, rules);
    const steps = () => stepsOf(mapOf(masks, now.weights));
    const value = applySteps(images, steps, resampledShape(x, mapOf(masks)));
    const gradFunc = (dy: Tensor, [kept]: Tensor[]) => {
      const dStrides = tidy(() => {
        const ofSides = slopeSums(masks, now, spectrumProducts(kept!, dy, mapOf(masks)));
        return reshape(rules.shared ? sum(ofSides) : ofSides, tensor.shape);
      });
      return [applySteps(dy, () => adjointSteps(steps()), kept!.shape), dStrides];
    };
    const made = [...now.weights, ...now.slopes].filter((list) => list instanceof Tensor);
    return { value, gradFunc, made };
  });
  return forward(x, tensor);
}
