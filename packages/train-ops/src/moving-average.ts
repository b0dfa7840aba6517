import { add, mul, sub, type Tensor } from '@tensorflow/tfjs-core';

/** moving + (latest - moving) * (1 - momentum), for any shape. What is made on the way is the caller's to tidy up. */
export function movingAverage<T extends Tensor>(moving: T, latest: T, momentum: number): T {
  return add(moving, mul(sub(latest, moving), 1 - momentum)) as T;
}
