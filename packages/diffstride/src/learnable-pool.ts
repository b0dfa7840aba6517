// The map under masks whose strides learn.
import { reshape, sum, Tensor, tidy } from '@tensorflow/tfjs-core';
import { masksNow, type Strides } from './mask-weights.ts';
import { mapOf } from './masked-sides.ts';
import type { MaskedSide } from './masks.ts';
import type { Rules } from './rules.ts';
import { slopeSums } from './slope-sums.ts';
import { viewGrad } from './view-grad.ts';
import { type Way, wayOf } from './ways.ts';

/**
 * Y = synthesis(weights * analysis(X)). The weights' gradient is the product of the spectrum of X and that of the gradient.
 * Both are computed on the way back: kept from the way there, the spectrum would be as large as a map, and X is there anyway.
 */
export function learnablePool(
  x: Tensor,
  tensor: Tensor,
  masks: MaskedSide[],
  strides: Strides,
  rules: Rules,
  way: Way = wayOf(x, mapOf(masks)),
): Tensor {
  const sides = x.shape.slice(1, -1);
  const forward = viewGrad((...inputs) => {
    const [images, variable] = inputs as [Tensor, Tensor];
    const now = masksNow(masks, sides, { ...strides, tensor: variable }, rules);
    const map = () => mapOf(masks, now.weights);
    const gradFunc = (dy: Tensor, [kept]: Tensor[]) => {
      const dStrides = tidy(() => {
        const ofSides = slopeSums(way.bins(mapOf(masks)), now, way.products(kept!, dy, mapOf(masks)));
        return reshape(rules.shared ? sum(ofSides) : ofSides, tensor.shape);
      });
      return [way.back(dy, map, kept!.shape), dStrides];
    };
    const made = [...now.weights, ...now.slopes].filter((list) => list instanceof Tensor);
    return { value: way.there(images, map), gradFunc, made };
  });
  return forward(x, tensor);
}
