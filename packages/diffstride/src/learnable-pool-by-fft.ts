// Learnable strides for images so large that FFTs are cheaper than matrices.
import { mapByFft, type WeightedSide, weightsTensor } from '@stridelab/spectral-pooling/spectral-map';
import {
  customGrad,
  type GradSaveFunc,
  mul,
  reshape,
  sum,
  type Tensor,
  type Tensor1D,
  tensor1d,
} from '@tensorflow/tfjs-core';
import { masksNow, type Strides } from './mask-weights.ts';
import type { MaskedSide } from './masks.ts';
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
  const [height, width] = masks.map((mask, i) => {
    const weigh = customGrad((...inputs) => {
      const [variable, save] = inputs as [Tensor, GradSaveFunc];
      const { weights, slopes } = masksNow(masks, sides, { ...strides, tensor: variable }, rules);
      save([weightsTensor(slopes[i]!)]);
      const gradFunc = (dWeights: Tensor, saved: Tensor[]) => {
        const own = masks.map((_, side) => Number(side === i));
        return reshape(mul(sum(mul(dWeights, saved[0]!)), tensor1d(rules.shared ? [1] : own)), variable.shape);
      };
      return { value: weightsTensor(weights[i]!), gradFunc };
    });
    return { ...mask.side, weights: weigh(tensor) as Tensor1D };
  }) as [WeightedSide, WeightedSide];
  return mapByFft(x, height, width);
}
