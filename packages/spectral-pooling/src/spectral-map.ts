// For packages that edit spectra in their own way: the operator under spectral pooling, which diffstride masks.
export { applySteps } from './apply-steps.ts';
export { type ImageMap, transposedMap } from './by-fft/bins.ts';
export { goesByFft, mapByFft, productsByFft } from './by-fft.ts';
export { sidesOf, withChannelsLast } from './images.ts';
export { KERNELS } from './kernels.ts';
export { multiplyAddsOf } from './multiply-adds.ts';
export { resample, resampledShape } from './resample.ts';
export { type Bin, columnSide, rowSide, type Side } from './side.ts';
export { type WeightedSide, type Weights, weightsTensor } from './side-matrices.ts';
export { spectrumProducts } from './spectrum-products.ts';
export { adjointSteps, type SpectralMap, stepsOf } from './steps.ts';
export { spectrumBins } from './transform-steps.ts';
