// What gradients of convolutions forget to tell their kernels.
import { engine, type NamedAttrMap, type Tensor, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { BackendGradient } from './gradients.ts';

/**
 * TF.js refuses the gradient of a dilated convolution on every backend. For kernels that can do it, if they are told of the
 * dilation: named by the convolution and by its gradients for x and for the filter.
 */
export function dilatedGradient(kernelName: string, inputKernel: string, filterKernel: string): BackendGradient {
  return {
    kernelName,
    takes: (_, { dilations }) => [dilations].flat().some((dilation) => Number(dilation ?? 1) !== 1),
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

type Rounding = 'floor' | 'round' | 'ceil';

/**
 * The convolution that dY came of. TF.js's gradients leave `dimRoundingMode` out, but dY is as large as it says. Where no
 * rounding gives its size, it is `infoOf(attrs)`.
 */
export function infoOfGradient<Attrs extends { dimRoundingMode?: Rounding }, Info extends { outShape: number[] }>(
  dy: TensorInfo,
  attrs: Attrs,
  infoOf: (attrs: Attrs) => Info,
): Info {
  const plain = infoOf(attrs);
  const fits = ({ outShape }: Info) => util.arraysEqual(outShape, dy.shape);
  if (fits(plain)) return plain;
  const rounded = (['ceil', 'round'] as const).map((dimRoundingMode) => infoOf({ ...attrs, dimRoundingMode }));
  return rounded.find(fits) ?? plain;
}
