// The masks' weights from strides that the host knows, or that only the device does.
import type { Weights } from '@stridelab/spectral-pooling/spectral-map';
import {
  add,
  cast,
  clipByValue,
  div,
  equal,
  maximum,
  mul,
  reshape,
  slice,
  sub,
  type Tensor,
  type Tensor1D,
} from '@tensorflow/tfjs-core';
import { type MaskRule, runStrideMasks } from './kernels.ts';
import { COLUMN_OFFSET, leastStrides, type MaskedSide } from './masks.ts';
import { MOST, type Rules } from './rules.ts';

/** Strides as the host knows them, and as a tensor if they are to have a gradient. */
export interface Strides {
  values: readonly number[];
  tensor?: Tensor;
  /** Values of a moment ago: they choose the frequencies, whose weights are computed from the tensor on the device. */
  stale?: boolean;
}

/** A list for each side, over its bins. */
export interface Masks {
  weights: Weights[];
  /** d weight / d stride. */
  slopes: Weights[];
}

export type DeviceMasks = Record<keyof Masks, Tensor1D[]>;

/** The masks as the host knows them, or else as the device does. */
export function masksNow(masks: MaskedSide[], sides: readonly number[], strides: Strides, rules: Rules): Masks {
  if (strides.stale) return masksOnDevice(masks, sides, strides.tensor!, rules);
  return { weights: masks.map(({ weights }) => weights), slopes: masks.map(({ slopes }) => slopes) };
}

/** The same by the formulas of masks.ts, from strides that only the device knows, for images with these sides. */
export function masksOnDevice(
  masks: MaskedSide[],
  sides: readonly number[],
  strides: Tensor,
  rules: Rules,
): DeviceMasks {
  const { smoothness, lowerLimit = 1, upperLimit = MOST, shared } = rules;
  const positions = masks.map((mask) => mask.positions);
  const rule: MaskRule = {
    index: masks.map((_, i) => (shared ? 0 : i)),
    size: [...sides],
    least: leastStrides(sides, rules),
    offset: masks.map((_, i) => (i === masks.length - 1 ? COLUMN_OFFSET : 0)),
    ...{ lowerLimit, upperLimit, smoothness },
  };
  return runStrideMasks(strides, positions, rule) ?? portable(strides, positions, rule);
}

function portable(strides: Tensor, positions: number[][], rule: MaskRule): DeviceMasks {
  const { index, size, least, lowerLimit, upperLimit, smoothness, offset } = rule;
  const ofSides = positions.map((list, i): [Tensor1D, Tensor1D] => {
    const raised = maximum(slice(reshape(strides, [-1]), index[i]!, 1), least[i]!);
    const used = clipByValue(raised, lowerLimit, upperLimit);
    const half = div(size[i]! / 2, used);
    const t = add(maximum(half, 1), offset[i]!);
    const ramp = div(sub(add(t, smoothness), list), smoothness);
    const edge = mul(
      mul(kink(ramp), kink(sub(1, ramp))),
      mul(kink(sub(half, 1)), cast(equal(raised, used), 'float32')),
    );
    const slopes = mul(div(div(half, used), -smoothness), edge);
    return [clipByValue(ramp, 0, 1) as Tensor1D, slopes as Tensor1D];
  });
  return { weights: ofSides.map(([weights]) => weights), slopes: ofSides.map(([, slopes]) => slopes) };
}

/** Slope of max(x, 0): one half at the corner, up to what float32 makes of it, as masks.ts has it. */
function kink(x: Tensor): Tensor {
  return clipByValue(add(mul(x, 1e4), 0.5), 0, 1);
}
