import {
  customGrad,
  type GradSaveFunc,
  matMul,
  reshape,
  sum,
  type Tensor,
  tidy,
  transpose,
} from '@tensorflow/tfjs-core';
import { checkAlgebraAndFilters, checkBias, checkInput, checkOptions } from './checks.ts';
import { addBias } from './convolution/bias.ts';
import { buildKernel } from './kronecker-kernel.ts';

/** Options of {@link phmDense}. */
export interface PhmDenseOptions {
  /** (out) */
  bias?: Tensor;
}

/**
 * Parameterized hypercomplex multiplication, a dense layer: `y = x kroneckerKernel(algebra, filters) + bias`.
 *
 * Differentiable in x, algebra, filters and bias.
 *
 * @param x (..., in), at least of rank 2
 * @param algebra (n, n, n)
 * @param filters (n, in / n, out / n)
 * @returns (..., out)
 * @see https://arxiv.org/abs/2102.08597
 */
export function phmDense(x: Tensor, algebra: Tensor, filters: Tensor, options: PhmDenseOptions = {}): Tensor {
  checkOptions('phmDense', options, 'bias');
  const { bias } = options;
  const n = checkAlgebraAndFilters('phmDense', algebra, filters, 0);
  const [channels, out] = filters.shape.slice(1).map((width) => width * n) as [number, number];
  checkInput('phmDense', x, { n, channels });
  checkBias('phmDense', bias, out);
  return tidy(() => dense(x, buildKernel(algebra, filters), bias));
}

/** x (..., in) by kernel (in, out), as an operation of its own: no product has a transposed factor, which wasm is slow at. */
function dense(x: Tensor, kernel: Tensor, bias: Tensor | undefined): Tensor {
  const [channels, out] = kernel.shape as [number, number];
  const rows = (tensor: Tensor, width: number) => reshape(tensor, [-1, width]);
  const operation = customGrad((...inputs: (Tensor | GradSaveFunc)[]) => {
    const save = inputs.at(-1) as GradSaveFunc;
    save([x, kernel]);
    const product = matMul(rows(x, channels), kernel);
    const gradFunc = (dy: Tensor, [savedX, savedKernel]: Tensor[]) =>
      tidy(() => {
        const dRows = rows(dy, out);
        const dx = reshape(matMul(dRows, transpose(savedKernel!)), x.shape);
        const dKernel = matMul(transpose(rows(savedX!, channels)), dRows);
        return bias ? [dx, dKernel, sum(dRows, 0)] : [dx, dKernel];
      });
    return { value: reshape(addBias(product, bias), [...x.shape.slice(0, -1), out]), gradFunc };
  });
  return bias ? operation(x, kernel, bias) : operation(x, kernel);
}
