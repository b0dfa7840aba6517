// The way of an image to its spectrum and back, for those who learn the weights in between.
import { numbersOf } from './factors.ts';
import { type Axis, analysis, pairingOf, synthesis } from './side-matrices.ts';
import type { PlannedStep, SpectralMap } from './steps.ts';

/**
 * A map by way of the spectrum itself: `analysis` goes from the image to the
 * spectrum at the bins, `synthesis` from there to the image; the map's weights are in neither.
 * Between the two lies (batch, height's numbers, width's numbers, channels) as {@link spectrumBins} has them.
 */
export function transformSteps(map: SpectralMap, direction: 'analysis' | 'synthesis'): PlannedStep[] {
  const { height, width } = map;
  const needed = isReal(map);
  const factor = direction === 'analysis' ? analysis : synthesis;
  const bare = { ...width, weights: undefined };
  const steps: PlannedStep[] = [{ axis: 'width', matrix: factor(bare, 'width', { needed }), inner: 1 }];
  if (height) {
    const inner = needed ? spectrumBins('width', map).length : width.bins.length;
    const matrix = factor({ ...height, weights: undefined }, 'height', { needed, complex: !needed });
    steps.push({ axis: 'height', matrix, inner });
  }
  return direction === 'analysis' ? steps : steps.toReversed();
}

/**
 * The bin, and so the weight, of each of a side's numbers in the spectrum between analysis and synthesis: cosines and sines of
 * both sides for a real map, and otherwise complex numbers, the pairs of which count as the height's.
 */
export function spectrumBins(axis: Axis, map: SpectralMap): number[] {
  const side = axis === 'height' ? map.height! : map.width;
  if (axis === 'width' && !isReal(map)) return [...side.bins.keys()];
  return numbersOf(side, { pairing: pairingOf(axis), needed: isReal(map) });
}

/** One of two sides is, or there is but one. */
function isReal({ height }: SpectralMap): boolean {
  return !height || height.real;
}
