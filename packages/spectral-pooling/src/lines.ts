// A chain of products for a backend that multiplies fast only one matrix by one other: of the last axis alone.
import {
  getBackend,
  matMul,
  reshape,
  type Tensor,
  type Tensor2D,
  type Tensor3D,
  tidy,
  transpose,
} from '@tensorflow/tfjs-core';
import type { Chain } from './chain.ts';
import { hasKernel, KERNELS } from './kernels.ts';
import type { Step } from './steps.ts';

/**
 * Whether the current backend wants lines. wasm as TF.js has it does: it multiplies fast (XNNPACK) only one matrix by one
 * other, best with the large one on the left, which it need not pack.
 */
export function worksInLines(): boolean {
  return getBackend() === 'wasm' && !hasKernel(KERNELS.productChain);
}

/**
 * An image goes through as (height, channels, width), or turned like a ring as (channels, width, height), so that what is
 * multiplied comes last. To swap width and channels, row by row, stays in the nearest cache; then a turn is one transpose.
 */
export function chainOfLines(steps: Step[]): Chain {
  const products = steps.map(lineProduct);
  return (x, { consume = false, toLines = false } = {}) => {
    const [batch, channels] = [x.shape[0]!, x.shape.at(-1)!];
    let image = x;
    const become = (next: Tensor) => {
      if (image !== x || consume) image.dispose();
      image = next;
    };
    let [axis, width]: ['width' | 'height', number] = ['width', x.shape.at(-2)!];
    become(swapped(image, width, channels));
    for (const [i, step] of steps.entries()) {
      const { rows, n } = step;
      const perHeight = channels * (step.axis === 'width' ? n : width);
      if (step.axis !== axis) {
        const height = image.size / (batch * perHeight);
        become(step.axis === 'width' ? swapped(image, perHeight, height) : swapped(image, height, perHeight));
      }
      become(products[i]!(image));
      axis = step.axis;
      if (axis === 'width') width = rows;
    }
    if (!toLines) {
      const height = steps.at(-1)!.rows;
      if (axis === 'height') become(swapped(image, image.size / (batch * height), height));
      if (axis === 'height') width = image.size / (batch * height * channels);
      become(swapped(image, channels, width));
    }
    const values = image.size / (batch * channels);
    const result = reshape(image, toLines ? [batch, channels, values] : [batch, values, channels]) as Tensor3D;
    if (image !== x) image.dispose();
    return result;
  };
}

/** The product of a step's matrix with the last axis: (lines, n) -> (lines, rows). */
function lineProduct({ matrix, n }: Step): (x: Tensor) => Tensor2D {
  return (x) => tidy(() => matMul(reshape(x, [x.size / n, n]) as Tensor2D, matrix));
}

/** (matrices, rows, columns) -> (matrices, columns, rows) */
function swapped(x: Tensor, rows: number, columns: number): Tensor {
  const matrices = x.size / (rows * columns);
  return tidy(() => transpose(reshape(x, [matrices, rows, columns]), [0, 2, 1]));
}
