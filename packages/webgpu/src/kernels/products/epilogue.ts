// What TF.js's fused kernels do after the product.
import { type NamedTensorInfoMap, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { ACTIVATIONS, type Epilogue } from '../../gemm/output.ts';
import { isEmpty, multiply, type Product } from '../../gemm/product.ts';
import { sumParts, zeros } from '../../gemm/sum-parts.ts';
import type { Backend } from '../../gpu/backend.ts';
import type { Abilities } from '../../gpu/device.ts';

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

/** The product and what follows it. Of nothing, that is done to zeros. */
export function multiplyAndFinish(backend: Backend, abilities: Abilities, product: Product): TensorInfo {
  const { output, columns, epilogue } = product;
  const size = util.sizeFromShape([...output.shape]);
  if (!epilogue || !isEmpty(product) || size === 0) return multiply(backend, abilities, product);
  const sums = zeros(backend, [1, 1, size / columns, columns]);
  const finished = sumParts(backend, sums, output.shape, epilogue);
  backend.disposeData(sums.dataId);
  return finished;
}
