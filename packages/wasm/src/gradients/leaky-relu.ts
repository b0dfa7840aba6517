// Gradient of tf.leakyRelu, in one pass.
import type { BackendGradient } from '@stridelab/registration';
import { engine, LeakyRelu, type Tensor } from '@tensorflow/tfjs-core';
import { LeakyReluGradient } from '../kernels/leaky-relu.ts';

/** dX = dY where X > 0, and alpha dY elsewhere. */
export const leakyReluGradient: BackendGradient = {
  kernelName: LeakyRelu,
  takes: ([x]) => x?.dtype === 'float32',
  gradient: (dy, [x], attrs) => ({
    x: () => engine().runKernel(LeakyReluGradient, { x: x!, dy }, { ...attrs }) as Tensor,
  }),
};
