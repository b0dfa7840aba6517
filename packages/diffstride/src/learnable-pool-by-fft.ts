// Learnable strides for images so large that FFTs are cheaper than matrices.
import { mapByFft, type WeightedSide } from '@stridelab/spectral-pooling/spectral-map';
import { customGrad, mul, reshape, sum, type Tensor, type Tensor1D, tensor1d } from '@tensorflow/tfjs-core';
import { type Strides, weightsOf, weightsOnDevice } from './mask-weights.ts';
import { type MaskedSide, usedStrides } from './masks.ts';
import type { Rules } from './rules.ts';

/** Here the weights are on the tape, and the strides behind them. */
export function learnablePoolByFft(
  x: Tensor,
  tensor: Tensor,
  masks: MaskedSide[],
  strides: Strides,
  rules: Rules,
): Tensor {
  const sides = x.shape.slice(1, -1);
  const used = usedStrides(sides, strides.values, rules);
  const [height, width] = masks.map((mask, i) => {
    const weigh = customGrad((...inputs) => {
      const variable = inputs[0] as Tensor;
      const weights = strides.stale ? weightsOnDevice(masks, sides, variable, rules) : weightsOf(masks);
      const gradFunc = (dWeights: Tensor) => {
        const slope = mul(sum(mul(dWeights, tensor1d(mask.slopes))), Number(used[i]!.hasGradient));
        const own = masks.map((_, side) => Number(side === i));
        return reshape(mul(slope, tensor1d(rules.shared ? [1] : own)), variable.shape);
      };
      return { value: weights[i]!, gradFunc };
    });
    return { ...mask.side, weights: weigh(tensor) as Tensor1D };
  }) as [WeightedSide, WeightedSide];
  return mapByFft(x, height, width);
}
