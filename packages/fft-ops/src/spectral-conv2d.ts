import {
  concat,
  matMul,
  neg,
  pad,
  reshape,
  slice,
  type Tensor,
  type Tensor4D,
  tidy,
  transpose,
} from '@tensorflow/tfjs-core';
import { checkOptions, checkRealTensor } from './checks.ts';
import { FftOpsError } from './errors.ts';
import { smoothLength } from './plan.ts';
import { irfft2, rfft2 } from './rfft2.ts';
import { unpack } from './transform-axes.ts';

/** Options of {@link spectralConv2d}. */
export interface SpectralConv2dOptions {
  /** As in `tf.conv2d`, with stride 1. Default `'same'`. */
  padding?: 'same' | 'valid';
}

/**
 * 2D convolution by way of the Fourier domain, where it is a product over channels at each frequency: equal to
 * `tf.conv2d(x, kernel, 1, padding)`, and cheaper for large kernels.
 *
 * @param x (batch, height, width, channels in)
 * @param kernel (kernel height, kernel width, channels in, channels out)
 * @returns (batch, height, width, channels out), for 'valid' less the kernel's size minus 1
 */
export function spectralConv2d(x: Tensor4D, kernel: Tensor4D, options: SpectralConv2dOptions = {}): Tensor4D {
  checkOptions('spectralConv2d', options, 'padding');
  const { padding = 'same' } = options;
  check(x, kernel, padding);
  const [batch, , , channels] = x.shape;
  const [kernelHeight, kernelWidth, , filters] = kernel.shape;
  return tidy(() => {
    const padded = padding === 'same' ? padSame(x, kernelHeight, kernelWidth) : x;
    const [, paddedHeight, paddedWidth] = padded.shape as [number, number, number, number];
    // Around the rim the circular convolution is wrong, but 'valid' does not look there: any size that holds x will do.
    const s = [smoothLength(paddedHeight), smoothLength(paddedWidth)] as const;
    const image = rfft2(padded, { axes: [1, 2], s });
    const filter = rfft2(kernel, { axes: [0, 1], s });
    const bins = s[0] * ((s[1] >> 1) + 1);

    // Both parts in one product a frequency: [Xr Xi] [[Kr, -Ki], [Ki, Kr]], the conjugate because tf.conv2d correlates.
    const byFrequency = (part: Tensor) => transpose(reshape(part, [batch, bins, channels]), [1, 0, 2]);
    const left = concat([byFrequency(image.real), byFrequency(image.imag)], 2);
    const [kr, ki] = [filter.real, filter.imag].map((part) => reshape(part, [bins, channels, filters])) as [
      Tensor,
      Tensor,
    ];
    const right = concat([concat([kr, neg(ki)], 2), concat([ki, kr], 2)], 1);
    const product = matMul(left, right); // (bins, batch, 2 * filters)

    const byPart = reshape(product, [s[0], bins / s[0], batch, 2, filters]);
    const full = irfft2(unpack(transpose(byPart, [3, 2, 0, 1, 4])), { axes: [1, 2], s });
    const size = [batch, paddedHeight - kernelHeight + 1, paddedWidth - kernelWidth + 1, filters];
    return slice(full, [0, 0, 0, 0], size) as Tensor4D;
  });
}

function padSame(x: Tensor4D, kernelHeight: number, kernelWidth: number): Tensor {
  const before = (size: number) => (size - 1) >> 1;
  return pad(x, [
    [0, 0],
    [before(kernelHeight), kernelHeight - 1 - before(kernelHeight)],
    [before(kernelWidth), kernelWidth - 1 - before(kernelWidth)],
    [0, 0],
  ]);
}

function check(x: Tensor, kernel: Tensor, padding: string): void {
  const operation = 'spectralConv2d';
  checkRealTensor(operation, 'x', x);
  checkRealTensor(operation, 'kernel', kernel);
  if (x.rank !== 4) throw new FftOpsError(operation, 'x must be (batch, height, width, channels)', x.shape);
  if (kernel.rank !== 4) throw new FftOpsError(operation, 'kernel must be (height, width, in, out)', kernel.shape);
  if (padding !== 'same' && padding !== 'valid') {
    throw new FftOpsError(operation, "padding must be 'same' or 'valid'", padding);
  }
  if (x.shape[3] !== kernel.shape[2]) {
    throw new FftOpsError(operation, 'x and kernel must agree in channels in', [x.shape[3], kernel.shape[2]]);
  }
  if (kernel.shape[0]! > x.shape[1]! || kernel.shape[1]! > x.shape[2]!) {
    throw new FftOpsError(
      operation,
      `kernel must not be larger than x, [${x.shape.slice(1, 3).join(', ')}]`,
      kernel.shape.slice(0, 2),
    );
  }
  if (x.size === 0 || kernel.size === 0)
    throw new FftOpsError(operation, 'x and kernel must not be empty', [x.shape, kernel.shape]);
}
