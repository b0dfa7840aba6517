export type { DataFormat } from './checks.ts';
export { SpectralPoolingError } from './errors.ts';
export {
  SpectralPooling1D,
  type SpectralPooling1DArgs,
  SpectralPooling2D,
  type SpectralPooling2DArgs,
} from './layers.ts';
export type { Norm } from './side.ts';
export {
  type SpectralPool1dOptions,
  type SpectralPool2dOptions,
  spectralPool1d,
  spectralPool2d,
} from './spectral-pool2d.ts';
export { type SpectralResizeOptions, spectralResize1d, spectralResize2d } from './spectral-resize.ts';
