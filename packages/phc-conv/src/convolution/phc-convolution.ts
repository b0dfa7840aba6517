// What the hypercomplex convolutions of one, two and three spatial axes share: options, checks, and the two steps.
import { type Tensor, tidy } from '@tensorflow/tfjs-core';
import { checkAlgebraAndFilters, checkBias, checkInput, checkOptions, type DataFormat } from '../checks.ts';
import { PhcConvError } from '../errors.ts';
import { buildKernel } from '../kronecker-kernel.ts';
import { convolution, transposedConvolution } from './convolution.ts';
import { axes, type Padding } from './geometry.ts';

/** Options of the hypercomplex convolutions. */
export interface PhcConvOptions {
  /** One number for every spatial axis, or one for each. Default 1. */
  strides?: number | number[];
  /** TensorFlow's rule. Default 'valid', as in tfjs-layers. */
  padding?: Padding;
  /** Distance between the taps of the kernel; more than 1 only where strides are 1. Default 1. */
  dilation?: number | number[];
  /** (out) */
  bias?: Tensor;
  /** 'channelsLast' (default): (batch, ...spatial, channels); 'channelsFirst': (batch, channels, ...spatial). */
  dataFormat?: DataFormat;
}

/** One number for each of `rank` axes. */
function perAxis(operation: string, name: string, value: number | number[], rank: number): number[] {
  const numbers = Array.isArray(value)
    ? value.length === 1
      ? Array<number>(rank).fill(value[0]!)
      : value
    : Array<number>(rank).fill(value);
  if (numbers.length !== rank || !numbers.every((number) => Number.isInteger(number) && number >= 1)) {
    const count = rank === 1 ? 'one integer' : `one integer or ${rank}`;
    throw new PhcConvError(operation, `${name} must be ${count} >= 1`, value);
  }
  return numbers;
}

export interface Call {
  operation: string;
  /** Number of spatial axes. */
  rank: number;
  x: Tensor;
  algebra: Tensor;
  filters: Tensor;
  options: PhcConvOptions;
  transposed?: boolean;
}

export function phcConvolution({ operation, rank, x, algebra, filters, options, transposed = false }: Call): Tensor {
  checkOptions(operation, options, 'strides', 'padding', 'dilation', 'bias', 'dataFormat');
  const { bias, padding = 'valid', dataFormat = 'channelsLast' } = options;
  const n = checkAlgebraAndFilters(operation, algebra, filters, rank);
  const [first, second] = filters.shape.slice(-2).map((width) => width * n) as [number, number];
  const [channels, out] = transposed ? [second, first] : [first, second];
  checkFormats(operation, padding, dataFormat);
  checkInput(operation, x, { rank: rank + 2, n, channels, dataFormat });
  checkBias(operation, bias, out);
  const strides = perAxis(operation, 'strides', options.strides ?? 1, rank);
  const dilation = perAxis(operation, 'dilation', options.dilation ?? 1, rank);
  if (transposed && dilation.some((rate) => rate > 1))
    throw new PhcConvError(operation, 'dilation must be 1', options.dilation);
  if (strides.some((stride) => stride > 1) && dilation.some((rate) => rate > 1))
    throw new PhcConvError(operation, 'strides or dilation must be 1', { strides, dilation });
  const geometry = { strides, dilation, padding };
  const spatial = dataFormat === 'channelsFirst' ? x.shape.slice(2) : x.shape.slice(1, -1);
  const kernelSizes = filters.shape.slice(1, -2);
  if (!transposed && axes(spatial, kernelSizes, geometry).some((axis) => axis.out < 1))
    throw new PhcConvError(operation, `x must reach across the kernel's ${kernelSizes.join(' x ')} taps`, x.shape);
  const convolve = transposed ? transposedConvolution : convolution;
  return tidy(() => convolve(x, buildKernel(algebra, filters, { transposed }), { ...geometry, bias, dataFormat }));
}

export function checkFormats(operation: string, padding: unknown, dataFormat: unknown): void {
  if (padding !== 'same' && padding !== 'valid')
    throw new PhcConvError(operation, "padding must be 'same' or 'valid'", padding);
  if (dataFormat !== 'channelsLast' && dataFormat !== 'channelsFirst')
    throw new PhcConvError(operation, "dataFormat must be 'channelsLast' or 'channelsFirst'", dataFormat);
}
