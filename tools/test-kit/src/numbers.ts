// Everything that a test may want to compare, as a flat list of numbers.
import { Tensor } from '@tensorflow/tfjs-core';

type Nested = number | readonly Nested[];
export type Numbers = Tensor | ArrayLike<number> | Nested;

export interface Flat {
  values: ArrayLike<number>;
  /** Known for tensors alone. */
  shape?: number[];
}

export function toFlat(numbers: Numbers): Flat {
  if (numbers instanceof Tensor) {
    // A disposed tensor throws here, which is what a test wants to hear.
    return { values: numbers.dataSync(), shape: numbers.shape };
  }
  if (typeof numbers === 'number') return { values: [numbers] };
  if (Array.isArray(numbers)) return { values: numbers.flat(Number.POSITIVE_INFINITY) as number[] };
  return { values: numbers as ArrayLike<number> };
}

/** Like {@link toFlat} without a synchronous read, which webgpu does not have for data still on the device. */
export async function toFlatAsync(numbers: Numbers): Promise<Flat> {
  if (numbers instanceof Tensor) return { values: await numbers.data(), shape: numbers.shape };
  return toFlat(numbers);
}
