import type { BackendGradient } from '@stridelab/registration';
import { engine, Relu, type Tensor } from '@tensorflow/tfjs-core';
import { RELU_GRAD } from '../kernels/relu-grad.ts';

/** dX = dY where X > 0. */
export const reluGradient: BackendGradient = {
  kernelName: Relu,
  takes: ([x]) => x?.dtype === 'float32' && x.size > 0,
  gradient: (dy, [x]) => ({ x: () => engine().runKernel(RELU_GRAD, { dy, x: x! }) as Tensor }),
};
