// The way of an image to its spectrum and back, for those who learn the weights in between.
import { gather, type Tensor1D, tensor1d } from '@tensorflow/tfjs-core';
import { numbersOf } from './factors.ts';
import {
  type Axis,
  analysis,
  pairingOf,
  pairWeights,
  synthesis,
  type WeightedSide,
  type Weights,
  weightsTensor,
} from './side-matrices.ts';
import type { SpectralMap, Step } from './steps.ts';

/**
 * A map by way of the spectrum itself: `analysis` goes from the image to the
 * spectrum at the bins, `synthesis` from there to the image. Weights count in either, so use them in one.
 * Between the two lies (batch, height's numbers, width's numbers, channels) as {@link spectrumWeights} has them.
 */
export function transformSteps({ height, width }: SpectralMap, direction: 'analysis' | 'synthesis'): Step[] {
  const real = !height || height.real;
  const factor = (side: WeightedSide, axis: Axis, complex: boolean) => {
    const whole = direction === 'analysis' ? analysis(side, axis, complex) : synthesis(side, axis, complex);
    if (!real) return whole;
    const needed = tensor1d(numbersOf(side, pairingOf(axis)).needed, 'int32');
    return gather(whole, needed, direction === 'analysis' ? 0 : 1);
  };
  const steps: Step[] = [{ axis: 'width', matrix: factor(width, 'width', false), inner: 1 }];
  if (height) {
    const inner = real ? numbersOf(width, pairingOf('width')).needed.length : width.bins.length;
    steps.push({ axis: 'height', matrix: factor(height, 'height', !real), inner });
  }
  return direction === 'analysis' ? steps : steps.toReversed();
}

/**
 * The weights of a side's bins as those of its numbers in the spectrum between analysis and synthesis: cosines and sines of
 * both sides for a real map, and otherwise complex numbers, the pairs of which count as the height's.
 */
export function spectrumWeights(weights: Weights, axis: Axis, { height, width }: SpectralMap): Tensor1D {
  const side = axis === 'height' ? height! : width;
  const { bin, needed } = numbersOf(side, pairingOf(axis));
  if (height && !height.real) return axis === 'height' ? pairWeights(weights, axis) : weightsTensor(weights);
  return gather(
    weightsTensor(weights),
    tensor1d(
      needed.map((number) => bin[number]!),
      'int32',
    ),
  );
}
