// The seam at which a backend may put kernels of its own in the place of several of TF.js's (`tf.registerKernel`).
import { weightsTensor } from '@stridelab/spectral-pooling/spectral-map';
import {
  engine,
  getBackend,
  getKernel,
  type NamedTensorMap,
  type Tensor,
  type Tensor1D,
  tensor1d,
} from '@tensorflow/tfjs-core';
import type { DeviceMasks, Masks } from './mask-weights.ts';

/** Names of the kernels that a backend may implement; all tensors are float32 but where it is said. */
export const KERNELS = {
  /**
   * The masks of all sides from strides that only the device knows. Inputs strides, of one number or more, and positions0,
   * positions1, ... (bins of the side), the distance of each bin from frequency zero; attributes as {@link MaskRule}. Outputs
   * weights (bins) and slopes (bins) of the first side, then of the next; slopes are the derivatives of the weights with
   * respect to the side's stride.
   */
  strideMasks: 'StridelabStrideMasks',
  /**
   * For each side the sum of products of its slopes, the other side's weights and what is given. Inputs products (rows *
   * columns), or (rows) of one side; bins0 (rows) and bins1 (columns), int32, which say whose bin each is; and weights0, slopes0,
   * weights1, slopes1, over each side's bins. Output (sides).
   */
  slopeSums: 'StridelabSlopeSums',
} as const;

/** What makes masks of strides; lists are over the sides. */
export interface MaskRule {
  /** Which of the strides is the side's. */
  index: number[];
  /** Of the image. */
  size: number[];
  /** Up to which a stride is raised, and to which it is clipped then. */
  least: number[];
  lowerLimit: number;
  upperLimit: number;
  smoothness: number;
  /** How much further than half of the frequencies the mask reaches. */
  offset: number[];
}

/** The masks by the current backend's kernel; undefined where it has none. */
export function runStrideMasks(strides: Tensor, positions: number[][], rule: MaskRule): DeviceMasks | undefined {
  if (!hasKernel(KERNELS.strideMasks)) return undefined;
  const lists = positions.map((list, i) => [`positions${i}`, tensor1d(list)] as const);
  const inputs = { strides, ...Object.fromEntries(lists) };
  const results = engine().runKernel(KERNELS.strideMasks, inputs, { ...rule }) as Tensor1D[];
  return { weights: results.filter((_, i) => i % 2 === 0), slopes: results.filter((_, i) => i % 2 === 1) };
}

/** The sums by the current backend's kernel; undefined where it has none. */
export function runSlopeSums(products: Tensor1D, { weights, slopes }: Masks, bins: number[][]): Tensor1D | undefined {
  if (!hasKernel(KERNELS.slopeSums)) return undefined;
  const inputs: NamedTensorMap = { products };
  for (const [i, list] of bins.entries()) {
    inputs[`bins${i}`] = tensor1d(list, 'int32');
    inputs[`weights${i}`] = weightsTensor(weights[i]!);
    inputs[`slopes${i}`] = weightsTensor(slopes[i]!);
  }
  return engine().runKernel(KERNELS.slopeSums, inputs, {}) as Tensor1D;
}

function hasKernel(name: string): boolean {
  return getKernel(name, getBackend()) !== undefined;
}
