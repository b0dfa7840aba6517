// What TF.js's fused kernels do after the product.
import { type NamedTensorInfoMap, util } from '@tensorflow/tfjs-core';
import { ACTIVATIONS, type Epilogue } from '../../gemm/output.ts';

export interface FusedAttrs {
  activation?: string | null;
  leakyreluAlpha?: number;
}

/** Nothing to do is undefined; null is what the products here do not do. */
export function epilogueOf(
  { bias, preluActivationWeights }: NamedTensorInfoMap,
  { activation, leakyreluAlpha = 0 }: FusedAttrs,
  columns: number,
): Epilogue | undefined | null {
  const name = activation ?? 'linear';
  if (preluActivationWeights || !Object.hasOwn(ACTIVATIONS, name)) return null;
  if (bias && (util.sizeFromShape(bias.shape) !== columns || bias.shape.at(-1) !== columns)) return null;
  if (!bias && name === 'linear') return undefined;
  return { bias, activation: name, alpha: leakyreluAlpha };
}
