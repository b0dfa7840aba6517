// A spectral map applied to images, with its gradient.
import { customGrad, type GradSaveFunc, reshape, type Tensor, type Tensor2D, tidy } from '@tensorflow/tfjs-core';
import { chainOf } from './apply.ts';
import { fftIsCheaper, mapByFft } from './by-fft.ts';
import { inPieces, pieceOf } from './pieces.ts';
import { adjointSteps, type SpectralMap, type Step, stepsOf } from './steps.ts';

/**
 * Y = Re(A X B^T) for each channel, with the gradient in X; weights of the map count as constants.
 * (batch, H, W, channels) -> (batch, h, w, channels), or (batch, W, channels) -> (batch, w, channels).
 */
export function resample(x: Tensor, map: SpectralMap): Tensor {
  if (map.height && fftIsCheaper(x, map)) return tidy(() => mapByFft(x, map.height!, map.width));
  const channels = x.shape.at(-1)!;
  const sides = map.height ? [map.height, map.width] : [map.width];
  const shape = [x.shape[0]!, ...sides.map((side) => side.outputSize), channels];
  const forward = customGrad((...inputs) => {
    const [images, save] = inputs as [Tensor, GradSaveFunc];
    const steps = stepsOf(map);
    save(steps.map(({ matrix }) => matrix));
    const gradFunc = (dy: Tensor, matrices: Tensor[]) => {
      const saved = steps.map((step, i) => ({ ...step, matrix: matrices[i] as Tensor2D }));
      return tidy(() => reshape(applyToAll(dy, adjointSteps(saved), channels), x.shape));
    };
    return { value: reshape(applyToAll(images, steps, channels), shape), gradFunc };
  });
  return forward(x);
}

function applyToAll(x: Tensor, steps: Step[], channels: number): Tensor {
  const chain = chainOf(steps, channels);
  return inPieces(x, pieceOf(x), (piece, { isOwn }) => chain(piece, { consume: isOwn }));
}
