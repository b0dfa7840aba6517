// For tests alone: a tensor of seeded normal deviates.
import { randomValues } from '@stridelab/test-kit';
import { type Tensor, tensor, util } from '@tensorflow/tfjs-core';

export function random<T extends Tensor = Tensor>(shape: readonly number[], seed: number): T {
  return tensor(randomValues(util.sizeFromShape([...shape]), seed), [...shape]) as T;
}
