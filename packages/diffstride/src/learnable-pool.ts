// The map under masks whose strides learn.
import { adjointSteps, chainOf, inPieces, pieceOf, transformSteps } from '@stridelab/spectral-pooling/spectral-map';
import {
  addN,
  customGrad,
  type GradSaveFunc,
  mul,
  reshape,
  sum,
  type Tensor,
  type Tensor1D,
  tensor1d,
  tidy,
} from '@tensorflow/tfjs-core';
import { type Strides, weightsOf, weightsOnDevice } from './mask-weights.ts';
import { mapOf } from './masked-sides.ts';
import { type MaskedSide, usedStrides } from './masks.ts';
import type { Rules } from './rules.ts';
import { slopeSums } from './slope-sums.ts';

/**
 * Y = synthesis(weights * analysis(X)). The spectrum in between is kept for the way back, where the weights' gradient is its
 * product with the gradient's own spectrum; it is smaller than the image.
 */
export function learnablePool(x: Tensor, tensor: Tensor, masks: MaskedSide[], strides: Strides, rules: Rules): Tensor {
  const sides = x.shape.slice(1, -1);
  const channels = x.shape.at(-1)!;
  const hasGradient = usedStrides(sides, strides.values, rules).map((used) => Number(used.hasGradient));
  const shape = [x.shape[0]!, ...masks.map(({ side }) => side.outputSize), channels];
  const size = pieceOf(x);

  const forward = customGrad((...inputs) => {
    const [images, variable, save] = inputs as [Tensor, Tensor, GradSaveFunc];
    const weights = strides.stale ? weightsOnDevice(masks, sides, variable, rules) : weightsOf(masks);
    const analysis = chainOf(transformSteps(mapOf(masks), 'analysis'), channels);
    const synthesis = chainOf(transformSteps(mapOf(masks, weights), 'synthesis'), channels);
    const spectra: Tensor[] = [];
    const value = inPieces(images, size, (piece, { isOwn }) => {
      const spectrum = analysis(piece, { consume: isOwn, toLines: true });
      spectra.push(spectrum);
      return synthesis(spectrum, { fromLines: true });
    });
    save([...weights, ...spectra]);

    const gradFunc = (dy: Tensor, saved: Tensor[]) =>
      tidy(() => {
        const [savedWeights, kept] = [saved.slice(0, masks.length) as Tensor1D[], saved.slice(masks.length)];
        const fromImage = chainOf(adjointSteps(transformSteps(mapOf(masks), 'synthesis')), channels);
        const toImage = chainOf(adjointSteps(transformSteps(mapOf(masks, savedWeights), 'analysis')), channels);
        const sums = slopeSums(masks, savedWeights, channels);
        const slopes: Tensor[] = [];
        const dx = inPieces(dy, size, (piece, { index, isOwn }) => {
          const dSpectrum = fromImage(piece, { consume: isOwn, toLines: true });
          slopes.push(sums(kept[index]!, dSpectrum));
          return toImage(dSpectrum, { consume: true, fromLines: true });
        });
        const counted = mul(addN(slopes), tensor1d(hasGradient));
        return [reshape(dx, x.shape), reshape(rules.shared ? sum(counted) : counted, variable.shape)];
      });
    return { value: reshape(value, shape), gradFunc };
  });
  return forward(x, tensor);
}
