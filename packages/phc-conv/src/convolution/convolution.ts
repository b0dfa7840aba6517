// Convolutions of one to three spatial axes with bias, in either data format, as differentiable operations of their own:
// they train on every backend, dilated or not, whether or not gradients are registered.
import { customGrad, type GradSaveFunc, reshape, sum, type Tensor, tidy, transpose } from '@tensorflow/tfjs-core';
import type { DataFormat } from '../checks.ts';
import { addBias } from './bias.ts';
import { type Geometry, transposedLength } from './geometry.ts';
import { convolve, inputAdjoint, kernelAdjoint } from './linear-maps.ts';

export interface ConvolutionOptions extends Geometry {
  bias?: Tensor;
  dataFormat: DataFormat;
}

/** x (batch, ...spatial, in) or (batch, in, ...spatial); kernel (...spatial, in, out). */
export function convolution(x: Tensor, kernel: Tensor, options: ConvolutionOptions): Tensor {
  return withGradients(x, kernel, options, {
    forward: convolve,
    pullBack: (dy, maps, taps, geometry) => [
      inputAdjoint(dy, taps, maps.shape, geometry),
      kernelAdjoint(maps, dy, taps.shape, geometry),
    ],
  });
}

/** x as above, of `in` channels; kernel (...spatial, out, in): the adjoint of a convolution of `out` channels. */
export function transposedConvolution(x: Tensor, kernel: Tensor, options: ConvolutionOptions): Tensor {
  return withGradients(x, kernel, options, {
    forward(maps, taps, geometry, bias) {
      const { strides, padding } = geometry;
      const spatial = strides.map((stride, i) => transposedLength(maps.shape[i + 1]!, stride, taps.shape[i]!, padding));
      const y = inputAdjoint(maps, taps, [maps.shape[0]!, ...spatial, taps.shape.at(-2)!], geometry);
      return addBias(y, bias);
    },
    pullBack: (dy, maps, taps, geometry) => [
      convolve(dy, taps, geometry),
      kernelAdjoint(dy, maps, taps.shape, geometry),
    ],
  });
}

interface BilinearMap {
  forward(maps: Tensor, taps: Tensor, geometry: Geometry, bias?: Tensor): Tensor;
  /** Gradients with respect to the maps and the taps. */
  pullBack(dy: Tensor, maps: Tensor, taps: Tensor, geometry: Geometry): [Tensor, Tensor];
}

/** Runs a map of channels-last images on one to three spatial axes in either format, and puts it on the tape. */
function withGradients(x: Tensor, kernel: Tensor, options: ConvolutionOptions, map: BilinearMap): Tensor {
  const { bias, dataFormat } = options;
  const geometry = liftGeometry(options);
  const operation = customGrad((...inputs: (Tensor | GradSaveFunc)[]) => {
    const save = inputs.at(-1) as GradSaveFunc;
    save([x, kernel]);
    const y = map.forward(liftMaps(x, dataFormat), liftTaps(kernel), geometry, bias);
    const gradFunc = (dy: Tensor, [savedX, savedKernel]: Tensor[]) =>
      tidy(() => {
        const dMaps = liftMaps(dy, dataFormat);
        const [dx, dKernel] = map.pullBack(dMaps, liftMaps(savedX!, dataFormat), liftTaps(savedKernel!), geometry);
        const gradients = [lowerMaps(dx, x.rank, dataFormat), reshape(dKernel, kernel.shape)];
        return bias ? [...gradients, sum(reshape(dMaps, [-1, bias.size]), 0)] : gradients;
      });
    return { value: lowerMaps(y, x.rank, dataFormat), gradFunc };
  });
  return bias ? operation(x, kernel, bias) : operation(x, kernel);
}

// One spatial axis is two of which the first has length 1.

function liftGeometry({ strides, dilation, padding }: Geometry): Geometry {
  const lift = (numbers: number[]) => (numbers.length === 1 ? [1, ...numbers] : numbers);
  return { strides: lift(strides), dilation: lift(dilation), padding };
}

function liftMaps(x: Tensor, dataFormat: DataFormat): Tensor {
  const axes = x.shape.map((_, i) => i);
  const last = dataFormat === 'channelsFirst' ? transpose(x, [0, ...axes.slice(2), 1]) : x;
  return x.rank === 3 ? reshape(last, [last.shape[0]!, 1, last.shape[1]!, last.shape[2]!]) : last;
}

function lowerMaps(y: Tensor, rank: number, dataFormat: DataFormat): Tensor {
  const lowered = rank === 3 ? reshape(y, [y.shape[0]!, y.shape[2]!, y.shape[3]!]) : y;
  const axes = lowered.shape.map((_, i) => i);
  return dataFormat === 'channelsFirst' ? transpose(lowered, [0, rank - 1, ...axes.slice(1, -1)]) : lowered;
}

function liftTaps(kernel: Tensor): Tensor {
  return kernel.rank === 3 ? reshape(kernel, [1, ...kernel.shape]) : kernel;
}
