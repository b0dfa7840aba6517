// A spectral map applied to images, with its gradient.
import type { Tensor } from '@tensorflow/tfjs-core';
import { applySteps } from './apply-steps.ts';
import type { ImageMap } from './by-fft/bins.ts';
import { goesByFft, mapByFft } from './by-fft.ts';
import { type SpectralMap, stepsOf } from './steps.ts';

/**
 * Y = Re(A X B^T) for each channel, with the gradient in X; weights of the map are numbers here, constants.
 * (batch, H, W, channels) -> (batch, h, w, channels), or (batch, W, channels) -> (batch, w, channels).
 */
export function resample(x: Tensor, map: SpectralMap): Tensor {
  if (goesByFft(x, map)) return mapByFft(x, () => map as ImageMap);
  return applySteps(x, () => stepsOf(map), resampledShape(x, map));
}

export function resampledShape(x: Tensor, { height, width }: SpectralMap): number[] {
  const sides = height ? [height, width] : [width];
  return [x.shape[0]!, ...sides.map(({ outputSize }) => outputSize), x.shape.at(-1)!];
}
