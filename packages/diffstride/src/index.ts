export { DiffStride, DiffStride1D, type DiffStride1DArgs, type DiffStrideArgs } from './diff-stride-layer.ts';
export { type DiffStride1dOptions, type DiffStride2dOptions, diffStride1d, diffStride2d } from './diff-stride2d.ts';
export { downsampledSize } from './downsampled-size.ts';
export { DiffStrideError } from './errors.ts';
export { type MaskedFrequencies, maskedFrequencies } from './masked-frequencies.ts';
export type { DataFormat, MaskKind, MaskOptions } from './rules.ts';
export { StrideRegularizer, type StrideRegularizerArgs } from './stride-regularizer.ts';
