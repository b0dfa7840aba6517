// Seeded random numbers, the same on every machine.
import { type Tensor, tensor, util } from '@tensorflow/tfjs-core';

/** `count` normal deviates from a seed (mulberry32 and Box-Muller). */
export function randomValues(count: number, seed: number): Float32Array {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return Float32Array.from({ length: count }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    return radius * Math.cos(2 * Math.PI * uniform());
  });
}

/** Normal deviates from a seed as a float32 tensor on the current backend. */
export function randomTensor<T extends Tensor = Tensor>(shape: number[], seed = 1): T {
  return tensor(randomValues(util.sizeFromShape(shape), seed), shape, 'float32') as T;
}
