// Gradients of tf.relu, tf.relu6 and tf.clipByValue.
import type { BackendGradient } from '@stridelab/registration';
import { ClipByValue, engine, type NamedAttrMap, Relu, Relu6, type Tensor } from '@tensorflow/tfjs-core';
import { type ClipAttrs, ClipGradient } from '../kernels/clip-gradient.ts';

/** The smallest number above 0: neither function passes anything at 0. */
const ABOVE_ZERO = 2 ** -149;

/** dX = dY where X > 0. */
export const reluGradient = clipped(Relu, () => ({
  least: ABOVE_ZERO,
  most: Number.POSITIVE_INFINITY,
  keepsNaN: true,
}));

/** dX = dY where 0 < X <= 6. */
export const relu6Gradient = clipped(Relu6, () => ({ least: ABOVE_ZERO, most: 6, keepsNaN: true }));

/** dX = dY where clipValueMin <= X <= clipValueMax. */
export const clipByValueGradient = clipped(ClipByValue, ({ clipValueMin, clipValueMax }) => ({
  least: clipValueMin as number,
  most: clipValueMax as number,
  keepsNaN: false,
}));

function clipped(kernelName: string, attrsOf: (attrs: NamedAttrMap) => ClipAttrs): BackendGradient {
  return {
    kernelName,
    takes: ([x]) => x?.dtype === 'float32',
    gradient: (dy, [x], attrs) => ({
      x: () => engine().runKernel(ClipGradient, { x: x!, dy }, { ...attrsOf(attrs) }) as Tensor,
    }),
  };
}
