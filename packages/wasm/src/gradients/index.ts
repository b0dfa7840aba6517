// Every gradient that is replaced.
import { batchNormGradient } from './batch-norm.ts';
import { dilatedConv2D, dilatedDepthwise } from './dilated.ts';
import { meanGradient, sumGradient } from './reduce.ts';
import type { WasmGradient } from './replace.ts';

export const wasmGradients: readonly WasmGradient[] = [
  batchNormGradient,
  dilatedConv2D,
  dilatedDepthwise,
  meanGradient,
  sumGradient,
];
