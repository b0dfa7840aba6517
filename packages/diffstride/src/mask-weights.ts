// The masks' weights as tensors, from strides that the host knows or that only the device does.
import {
  add,
  clipByValue,
  div,
  maximum,
  reshape,
  slice,
  sub,
  type Tensor,
  type Tensor1D,
  tensor1d,
} from '@tensorflow/tfjs-core';
import { COLUMN_OFFSET, leastStrides, type MaskedSide } from './masks.ts';
import type { Rules } from './rules.ts';

/** Strides as the host knows them, and as a tensor if they are to have a gradient. */
export interface Strides {
  values: readonly number[];
  tensor?: Tensor;
  /** Values of a moment ago: they choose the frequencies, whose weights are computed from the tensor on the device. */
  stale?: boolean;
}

export function weightsOf(masks: MaskedSide[]): Tensor1D[] {
  return masks.map(({ weights }) => tensor1d(weights));
}

/** The same by the formula of masks.ts, from strides that only the device knows, for images with these sides. */
export function weightsOnDevice(
  masks: MaskedSide[],
  sides: readonly number[],
  strides: Tensor,
  rules: Rules,
): Tensor1D[] {
  const { smoothness, lowerLimit = 1, upperLimit = 3e38 } = rules;
  const least = leastStrides(sides, rules);
  return masks.map(({ positions }, i) => {
    const stride = slice(reshape(strides, [-1]), rules.shared ? 0 : i, 1);
    const used = clipByValue(maximum(stride, least[i]!), lowerLimit, upperLimit);
    const t = add(maximum(div(sides[i]! / 2, used), 1), i === masks.length - 1 ? COLUMN_OFFSET : 0);
    return clipByValue(div(sub(add(t, smoothness), positions), smoothness), 0, 1) as Tensor1D;
  });
}
