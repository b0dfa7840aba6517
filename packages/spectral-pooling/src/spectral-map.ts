// For packages that edit spectra in their own way: the operator under spectral pooling, which diffstride masks.
export { chainOf } from './apply.ts';
export { fftIsCheaper, mapByFft } from './by-fft.ts';
export { sidesOf, withChannelsLast } from './images.ts';
export { worksInLines } from './lines.ts';
export { inPieces, pieceOf } from './pieces.ts';
export { resample } from './resample.ts';
export { type Bin, columnSide, rowSide, type Side } from './side.ts';
export type { WeightedSide } from './side-matrices.ts';
export { adjointSteps, type SpectralMap, stepsOf } from './steps.ts';
export { spectrumWeights, transformSteps } from './transform-steps.ts';
