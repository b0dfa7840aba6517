// The seam at which a backend may put a kernel of its own in the place of several of TF.js's (`tf.registerKernel`).
import { engine, getBackend, getKernel, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';

/** Names of the kernels that a backend may implement; all tensors are float32. */
export const KERNELS = {
  /**
   * One side's mask from strides that only the device knows. Inputs strides, of one number or more, and positions (bins), the
   * distance of each bin from frequency zero; attributes as {@link SideRule}. Outputs weights (bins) and slopes (bins), the
   * derivative of each weight with respect to the stride.
   */
  strideMask: 'StridelabStrideMask',
} as const;

/** What makes a mask of a stride. */
export interface SideRule {
  /** Which of the strides is this side's. */
  index: number;
  /** Of the image on this side. */
  size: number;
  /** Up to which a stride is raised, and to which it is clipped then. */
  least: number;
  lowerLimit: number;
  upperLimit: number;
  smoothness: number;
  /** How much further than half of the frequencies the mask reaches. */
  offset: number;
}

/** Runs the current backend's kernel, or `portable` where it has none. */
export function strideMaskOr(
  strides: Tensor,
  positions: Tensor1D,
  rule: SideRule,
  portable: () => [Tensor1D, Tensor1D],
): [Tensor1D, Tensor1D] {
  if (!getKernel(KERNELS.strideMask, getBackend())) return portable();
  return engine().runKernel(KERNELS.strideMask, { strides, positions }, { ...rule }) as [Tensor1D, Tensor1D];
}
