// The gradient of batch normalization in training: two sums over the rows, and one pass for dx.
import { KERNELS } from '@stridelab/train-ops';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { split } from '../engine/split.ts';
import { sumGradients } from './batch-norm-sums.ts';
import { bytesOf, floatsAt, rowsOf, trainingKernel } from './kernel.ts';

type Inputs = Record<'dy' | 'x' | 'gamma' | 'mean' | 'variance', TensorInfo> & { y?: TensorInfo };

/**
 * With r = 1 / sqrt(variance + epsilon), s0 = sum dY and s1 = sum dY (X - mean), dY counting where Y > 0 if there is a Y:
 *   dX = gamma r (dY - s0 / rows - (X - mean) r^2 s1 / rows),  dGamma = s1 r,  dBeta = s0
 */
export const batchNormTrainGrad = trainingKernel<{ epsilon: number }, TensorInfo[]>(
  KERNELS.batchNormTrainGrad,
  ({ inputs, attrs, backend, engine }) => {
    const { dy, x, y, gamma, mean, variance } = inputs as Inputs;
    const [rows, channels] = [rowsOf(x), gamma.shape[0]!];
    const dx = backend.makeOutput(x.shape, 'float32');
    const [dGamma, dBeta] = [0, 1].map(() => backend.makeOutput([channels], 'float32')) as [TensorInfo, TensorInfo];
    // Two sums, then three factors.
    engine.withScratch(bytesOf(5 * channels), (address) => {
      sumGradients(engine, { x, dy, y, mean }, address);
      const factorsAt = address + bytesOf(2 * channels);
      const values = (at: number, count = channels) => floatsAt(engine, at, count);
      const [sums, factors] = [values(address, 2 * channels), values(factorsAt, 3 * channels)];
      const perChannel = [gamma, variance, dGamma, dBeta].map((tensor) => values(engine.address(tensor)));
      const [scales, variances, dGammas, dBetas] = perChannel as [
        Float32Array,
        Float32Array,
        Float32Array,
        Float32Array,
      ];
      for (let c = 0; c < channels; c++) {
        const [sum, centredSum] = [sums[c]!, sums[channels + c]!];
        const r = 1 / Math.sqrt(variances[c]! + attrs.epsilon);
        const factor = scales[c]! * r;
        factors[c] = factor;
        factors[channels + c] = (-factor * r * r * centredSum) / rows;
        factors[2 * channels + c] = (-factor * sum) / rows;
        dGammas[c] = centredSum * r;
        dBetas[c] = sum;
      }
      const calls = split(rows, engine.lanesFor(2 * rows * channels)).map(({ start, count }) => {
        const from = (tensor: TensorInfo) => engine.address(tensor) + bytesOf(start * channels);
        return [from(x), from(dy), y ? from(y) : 0, from(dx), engine.address(mean), factorsAt, count, channels];
      });
      engine.run('batchNormTrainGrad', calls);
    });
    return [dx, dGamma, dBeta];
  },
);
