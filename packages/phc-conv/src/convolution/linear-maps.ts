// A convolution is linear in its input and in its kernel: the map itself and its two adjoints, for two and three
// spatial axes, channels last.
//
// The adjoints are TF.js's kernels where the backend has them. It may not: wasm has no Conv2DBackpropFilter, and no
// backend of TF.js has an adjoint of a dilated convolution. Then they are forward convolutions themselves.
import {
  type backend_util,
  conv3d,
  engine,
  fused,
  getBackend,
  getKernel,
  type NamedTensorMap,
  reshape,
  type Tensor,
  type Tensor4D,
  type Tensor5D,
} from '@tensorflow/tfjs-core';
import { addBias } from './bias.ts';
import { axes, type Geometry, type Padding } from './geometry.ts';
import { exchange, flip, insertZeros, place } from './move.ts';

type Pair = [number, number];
type Triple = [number, number, number];

/** (batch, ...spatial, in) by (...spatial, in, out), and (out) where there is a bias, gives (batch, ...spatial, out). */
export function convolve(x: Tensor, kernel: Tensor, geometry: Geometry, bias?: Tensor): Tensor {
  const { strides, dilation, padding } = geometry;
  if (x.rank === 5) {
    const y = conv3d(x as Tensor5D, kernel as Tensor5D, strides as Triple, padding, 'NDHWC', dilation as Triple);
    return addBias(y, bias);
  }
  return fused.conv2d({
    x: x as Tensor4D,
    filter: kernel as Tensor4D,
    strides: strides as Pair,
    dilations: dilation as Pair,
    pad: paddingOf(x.shape, kernel.shape, geometry),
    bias,
  });
}

/** wasm computes 'same' wrongly where a stride is longer than the kernel; its explicit padding is right. */
function paddingOf(
  xShape: number[],
  kernelShape: number[],
  geometry: Geometry,
): Padding | backend_util.ExplicitPadding {
  if (geometry.padding === 'valid') return 'valid';
  const sizes = xShape.slice(1, -1);
  const sides = axes(sizes, kernelShape.slice(0, -2), geometry);
  if (sides.every(({ stride, reach }) => stride <= reach)) return 'same';
  const [rows, columns] = sides.map(({ before, after }): Pair => [before, after]) as [Pair, Pair];
  return [[0, 0], rows, columns, [0, 0]];
}

/** Adjoint of {@link convolve} in its input: what an output gradient pulls back to. */
export function inputAdjoint(dy: Tensor, kernel: Tensor, inputShape: number[], geometry: Geometry): Tensor {
  if (hasNativeAdjoints(dy.rank, geometry)) {
    const name = dy.rank === 5 ? 'Conv3DBackpropInputV2' : 'Conv2DBackpropInput';
    return runNative(name, { ...geometry, inputs: { dy, filter: kernel }, shape: { inputShape } });
  }
  const spatial = inputShape.slice(1, -1);
  const sides = axes(spatial, kernel.shape.slice(0, -2), geometry);
  const flipped = flip(kernel);
  const plain: Geometry = { strides: spatial.map(() => 1), dilation: geometry.dilation, padding: 'valid' };
  // A kernel of one tap may convolve before the zeros of a stride come in, and then has less to do.
  const pointwise = sides.every(({ reach }) => reach === 1);
  const small = pointwise ? convolve(dy, flipped, plain) : dy;
  const spread = insertZeros(small, geometry.strides);
  const placed = place(
    spread,
    sides.map(({ reach, before }) => reach - 1 - before),
    sides.map(({ reach }, i) => spatial[i]! + reach - 1),
  );
  return pointwise ? placed : convolve(placed, flipped, plain);
}

/** Adjoint of {@link convolve} in its kernel. */
export function kernelAdjoint(x: Tensor, dy: Tensor, kernelShape: number[], geometry: Geometry): Tensor {
  if (hasNativeAdjoints(x.rank, geometry)) {
    const name = x.rank === 5 ? 'Conv3DBackpropFilterV2' : 'Conv2DBackpropFilter';
    return runNative(name, { ...geometry, inputs: { x, dy }, shape: { filterShape: kernelShape } });
  }
  const sides = axes(x.shape.slice(1, -1), kernelShape.slice(0, -2), geometry);
  const placed = place(
    x,
    sides.map(({ before }) => before),
    sides.map(({ out, stride, reach }) => (out - 1) * stride + reach),
  );
  // Batch and channels change places: every input channel is an image, every output's gradient a kernel over it.
  const byTap = convolve(exchange(placed, [2, 1, 0]), exchange(dy, [1, 0, 2]), {
    strides: geometry.dilation,
    dilation: geometry.strides,
    padding: 'valid',
  });
  return reshape(exchange(byTap, [1, 0, 2]), kernelShape);
}

const ADJOINTS: Record<number, string[]> = {
  4: ['Conv2DBackpropInput', 'Conv2DBackpropFilter'],
  5: ['Conv3DBackpropInputV2', 'Conv3DBackpropFilterV2'],
};

/**
 * Both or none: where wasm lacks one of the two, its other is ten times slower than a forward convolution. The adjoints
 * of a 3D convolution that wasm has are there and wrong.
 */
function hasNativeAdjoints(rank: number, { dilation }: Geometry): boolean {
  const backend = getBackend();
  const present = ADJOINTS[rank]!.every((name) => getKernel(name, backend) != null);
  const wrong = backend === 'wasm' && rank === 5;
  return present && !wrong && dilation.every((rate) => rate === 1);
}

interface NativeCall extends Geometry {
  inputs: NamedTensorMap;
  /** What the kernel cannot tell from its inputs: `inputShape` or `filterShape`. */
  shape: Record<string, number[]>;
}

function runNative(name: string, { inputs, shape, padding, strides }: NativeCall): Tensor {
  const dataFormat = name.startsWith('Conv3D') ? 'NDHWC' : 'NHWC';
  return engine().runKernel(name, inputs, { strides, pad: padding, dataFormat, ...shape });
}
