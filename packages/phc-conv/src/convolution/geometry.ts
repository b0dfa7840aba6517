// Where a kernel reads its input, one spatial axis at a time, by TensorFlow's rules.

/** TensorFlow's: as many pixels out as in (over the stride), or those alone that the kernel lies within. */
export type Padding = 'same' | 'valid';

export interface Geometry {
  /** One number per spatial axis, in each. */
  strides: number[];
  dilation: number[];
  padding: Padding;
}

export interface Axis {
  stride: number;
  dilation: number;
  /** Input positions from a window's first tap to its last, both counted. */
  reach: number;
  /** Zeros before the input. */
  before: number;
  /** Zeros after it. */
  after: number;
  /** Length of the output. */
  out: number;
}

/** Each spatial axis of an input of these sizes under a kernel of these sizes. */
export function axes(sizes: number[], kernelSizes: number[], { strides, dilation, padding }: Geometry): Axis[] {
  return sizes.map((size, i) => {
    const stride = strides[i]!;
    const reach = (kernelSizes[i]! - 1) * dilation[i]! + 1;
    const out = padding === 'same' ? Math.ceil(size / stride) : Math.floor((size - reach) / stride) + 1;
    const zeros = padding === 'same' ? Math.max((out - 1) * stride + reach - size, 0) : 0;
    return { stride, dilation: dilation[i]!, reach, before: zeros >> 1, after: zeros - (zeros >> 1), out };
  });
}

/** Length of a transposed convolution's output. */
export function transposedLength(size: number, stride: number, kernelSize: number, padding: Padding): number {
  return padding === 'same' ? size * stride : size * stride + Math.max(kernelSize - stride, 0);
}
