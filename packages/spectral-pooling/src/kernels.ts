// The seam at which a backend may put kernels of its own in the place of chains of TF.js's (`tf.registerKernel`). What each
// takes and gives is said beside its name; all tensors are float32.
import { engine, getBackend, getKernel, type NamedTensorMap, type Tensor } from '@tensorflow/tfjs-core';
import type { Step } from './steps.ts';

/** Names of the kernels that a backend may implement. */
export const KERNELS = {
  /**
   * Inputs x (batch, ..., channels) and matrix0, matrix1, ... (rows, n); attributes inner, a list, channels and shape.
   * Product i is over the middle axis of (outer, n, inner[i], channels), rows taking the place of n. Output of that shape.
   */
  productChain: 'StridelabProductChain',
  /**
   * Inputs a and b (batch, ..., channels), and a chain for each: aMatrix0, ... and bMatrix0, ..., attributes aInner and bInner;
   * attribute channels. Both chains lead to (batch, places, channels). Output (places): the sum over the batch and the
   * channels of the product of both.
   */
  chainProducts: 'StridelabChainProducts',
  /**
   * Inputs left (rows, n) and right (n, columns), of which one may be absent, and weights (bins); attribute repeat. Output
   * left * diag * right, where number k of the diagonal is the weight of bin floor(k / repeat) modulo bins.
   */
  weightedProduct: 'StridelabWeightedProduct',
} as const;

type KernelName = (typeof KERNELS)[keyof typeof KERNELS];

export function hasKernel(name: KernelName): boolean {
  return getKernel(name, getBackend()) !== undefined;
}

/**
 * Beyond so many pixels the kernels of `@stridelab/wasm`, which take each image as a whole, are slower than its products one
 * after the other: 96 x 96 with 16 channels 1.0 to 1.3 times, 224 x 224 3.7 times. On 64 x 64 they take 0.85 to 1.05 times as long.
 */
const WASM_PIXELS = 2 ** 13;

/** Whether a chain for images (batch, ..., channels) is left to the backend's kernel of that name. */
export function isForKernel(name: KernelName, { shape }: Tensor): boolean {
  const pixels = shape.slice(1, -1).reduce((product, side) => product * side, 1);
  return hasKernel(name) && (getBackend() !== 'wasm' || pixels <= WASM_PIXELS);
}

export function runKernel(name: KernelName, inputs: NamedTensorMap, attrs: Record<string, number | number[]>): Tensor {
  return engine().runKernel(name, inputs, attrs) as Tensor;
}

/** The matrices of a chain as a kernel's inputs. */
export function matricesOf(steps: readonly Step[], name: string): NamedTensorMap {
  return Object.fromEntries(steps.map(({ matrix }, i) => [`${name}${i}`, matrix]));
}
