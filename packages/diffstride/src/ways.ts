// The two ways of an image through its spectrum: by products of matrices, or by FFTs where those are the better way.
import {
  adjointSteps,
  applySteps,
  goesByFft,
  type ImageMap,
  mapByFft,
  productsByFft,
  resampledShape,
  type SpectralMap,
  spectrumBins,
  spectrumProducts,
  stepsOf,
  transposedMap,
} from '@stridelab/spectral-pooling/spectral-map';
import { reshape, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';

export interface Way {
  /** Y of X. Maps are made anew where they are used. */
  there(x: Tensor, map: () => SpectralMap): Tensor;
  /** dX, which is so large, of dY. */
  back(dy: Tensor, map: () => SpectralMap, shape: number[]): Tensor;
  /** What X and dY say about the weight of each place of the spectrum, those of a row one after the other. */
  products(x: Tensor, dy: Tensor, map: SpectralMap): Tensor1D;
  /** The bin of each of these places along each side. */
  bins(map: SpectralMap): number[][];
}

const axesOf = (map: SpectralMap) => (map.height ? (['height', 'width'] as const) : (['width'] as const));

export const byMatrices: Way = {
  there: (x, map) => applySteps(x, () => stepsOf(map()), resampledShape(x, map())),
  back: (dy, map, shape) => applySteps(dy, () => adjointSteps(stepsOf(map())), shape),
  products: spectrumProducts,
  bins: (map) => axesOf(map).map((axis) => spectrumBins(axis, map)),
};

export const byFfts: Way = {
  there: (x, map) => mapByFft(x, map as () => ImageMap),
  back: (dy, map) => mapByFft(dy, () => transposedMap(map() as ImageMap)),
  products: (x, dy, map) => reshape(productsByFft(x, dy, map as ImageMap), [-1]),
  bins: (map) => axesOf(map).map((axis) => map[axis]!.bins.map((_, bin) => bin)),
};

export function wayOf(x: Tensor, map: SpectralMap): Way {
  return goesByFft(x, map) ? byFfts : byMatrices;
}
