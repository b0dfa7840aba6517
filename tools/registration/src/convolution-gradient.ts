// Gradients of convolutions that pass on all that the convolution was told.
import { engine, type NamedAttrMap, type Tensor } from '@tensorflow/tfjs-core';
import type { BackendGradient } from './gradients.ts';

/**
 * TF.js refuses the gradient of a dilated convolution on every backend, and forgets `dimRoundingMode` in those that it takes, so
 * that their kernels look for dY in another shape. For kernels that can do both, if they are told: named by the convolution
 * and by its gradients for x and for the filter.
 */
export function convolutionGradient(kernelName: string, inputKernel: string, filterKernel: string): BackendGradient {
  return {
    kernelName,
    takes(_, { dilations, dimRoundingMode }) {
      const isDilated = [dilations].flat().some((dilation) => Number(dilation ?? 1) !== 1);
      return isDilated || dimRoundingMode === 'ceil' || dimRoundingMode === 'round';
    },
    gradient(dy, saved, attrs) {
      const [x, filter] = saved as [Tensor, Tensor];
      const run = (kernel: string, inputs: Record<string, Tensor>, shape: NamedAttrMap) =>
        engine().runKernel(kernel, inputs, { ...attrs, ...shape }) as Tensor;
      return {
        x: () => run(inputKernel, { dy, filter }, { inputShape: x.shape }),
        filter: () => run(filterKernel, { x, dy }, { filterShape: filter.shape }),
      };
    },
  };
}
