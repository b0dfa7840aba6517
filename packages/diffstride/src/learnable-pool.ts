// The map under masks whose strides learn.
import { adjointSteps, chainOf, inPieces, pieceOf, transformSteps } from '@stridelab/spectral-pooling/spectral-map';
import {
  addN,
  customGrad,
  type GradSaveFunc,
  reshape,
  sum,
  type Tensor,
  type Tensor1D,
  tidy,
} from '@tensorflow/tfjs-core';
import { maskTensors, maskTensorsOnDevice, type Strides } from './mask-weights.ts';
import { mapOf } from './masked-sides.ts';
import type { MaskedSide } from './masks.ts';
import type { Rules } from './rules.ts';
import { slopeSums } from './slope-sums.ts';

/**
 * Y = synthesis(weights * analysis(X)). The spectrum in between is kept for the way back, where the weights' gradient is its
 * product with the gradient's own spectrum; it is smaller than the image.
 */
export function learnablePool(x: Tensor, tensor: Tensor, masks: MaskedSide[], strides: Strides, rules: Rules): Tensor {
  const sides = x.shape.slice(1, -1);
  const channels = x.shape.at(-1)!;
  const shape = [x.shape[0]!, ...masks.map(({ side }) => side.outputSize), channels];
  const size = pieceOf(x);

  const forward = customGrad((...inputs) => {
    const [images, variable, save] = inputs as [Tensor, Tensor, GradSaveFunc];
    const { weights, slopes } = strides.stale ? maskTensorsOnDevice(masks, sides, variable, rules) : maskTensors(masks);
    const analysis = chainOf(transformSteps(mapOf(masks), 'analysis'), channels);
    const synthesis = chainOf(transformSteps(mapOf(masks, weights), 'synthesis'), channels);
    const spectra: Tensor[] = [];
    const value = inPieces(images, size, (piece, { isOwn }) => {
      const spectrum = analysis(piece, { consume: isOwn, toLines: true });
      spectra.push(spectrum);
      return synthesis(spectrum, { fromLines: true });
    });
    save([...weights, ...slopes, ...spectra]);

    const gradFunc = (dy: Tensor, saved: Tensor[]) =>
      tidy(() => {
        const sidesOf = (from: number) => saved.slice(from, from + masks.length) as Tensor1D[];
        const [savedWeights, savedSlopes, kept] = [sidesOf(0), sidesOf(masks.length), saved.slice(2 * masks.length)];
        const fromImage = chainOf(adjointSteps(transformSteps(mapOf(masks), 'synthesis')), channels);
        const toImage = chainOf(adjointSteps(transformSteps(mapOf(masks, savedWeights), 'analysis')), channels);
        const sums = slopeSums(masks, { weights: savedWeights, slopes: savedSlopes }, channels);
        const dStrides: Tensor[] = [];
        const dx = inPieces(dy, size, (piece, { index, isOwn }) => {
          const dSpectrum = fromImage(piece, { consume: isOwn, toLines: true });
          dStrides.push(sums(kept[index]!, dSpectrum));
          return toImage(dSpectrum, { consume: true, fromLines: true });
        });
        const ofSides = addN(dStrides);
        return [reshape(dx, x.shape), reshape(rules.shared ? sum(ofSides) : ofSides, variable.shape)];
      });
    return { value: reshape(value, shape), gradFunc };
  });
  return forward(x, tensor);
}
