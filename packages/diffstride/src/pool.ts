// What every form of DiffStride comes down to.
import { resample } from '@stridelab/spectral-pooling/spectral-map';
import { type Tensor, tidy } from '@tensorflow/tfjs-core';
import { learnablePool } from './learnable-pool.ts';
import type { Strides } from './mask-weights.ts';
import { mapOf, maskedSides } from './masked-sides.ts';
import type { Rules } from './rules.ts';

/** Images (batch, ...sides, channels) pooled with `strides`, differentiable in the images and in `strides.tensor`. */
export function pool(operation: string, x: Tensor, strides: Strides, rules: Rules): Tensor {
  const masks = maskedSides(operation, x.shape.slice(1, -1), strides.values, rules);
  return tidy(() => {
    const map = mapOf(
      masks,
      masks.map(({ weights }) => weights),
    );
    if (!strides.tensor) return resample(x, map);
    return learnablePool(x, strides.tensor, masks, strides, rules);
  });
}
