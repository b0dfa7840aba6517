import { add, mul, sub, type Tensor, tidy } from '@tensorflow/tfjs-core';

/** moving + (latest - moving) * (1 - momentum), for any shape. */
export function movingAverage<T extends Tensor>(moving: T, latest: T, momentum: number): T {
  return tidy(() => add(moving, mul(sub(latest, moving), 1 - momentum)) as T);
}
