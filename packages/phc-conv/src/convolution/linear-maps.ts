// A convolution is linear in its input and in its kernel: the map itself and its two adjoints, for two and three
// spatial axes, channels last.
//
// The adjoints are TF.js's kernels where the backend has them. It may not: wasm has no Conv2DBackpropFilter, and no
// backend has an adjoint of a dilated convolution. Then they are forward convolutions themselves.
import {
  type backend_util,
  conv3d,
  engine,
  fused,
  getBackend,
  getKernel,
  type NamedTensorMap,
  pad,
  reshape,
  reverse,
  slice,
  type Tensor,
  type Tensor4D,
  type Tensor5D,
  transpose,
} from '@tensorflow/tfjs-core';
import { addBias } from './bias.ts';
import { axes, type Geometry, type Padding } from './geometry.ts';

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

/** `stride - 1` zeros after each element, along every spatial axis. */
function insertZeros(x: Tensor, strides: number[]): Tensor {
  const shape = [...x.shape];
  let result = x;
  strides.forEach((stride, i) => {
    if (stride === 1) return;
    const run = shape.slice(i + 2).reduce((a, b) => a * b, 1);
    shape[i + 1]! *= stride;
    result = pad(reshape(result, [-1, run]), [
      [0, 0],
      [0, (stride - 1) * run],
    ]);
  });
  return reshape(result, shape);
}

/** The spatial axes start with `before` zeros and are cut or filled with zeros to `sizes`. */
function place(x: Tensor, before: number[], sizes: number[]): Tensor {
  const [batch, channels] = [x.shape[0]!, x.shape.at(-1)!];
  const spatial = x.shape.slice(1, -1);
  const kept = spatial.map((size, i) => Math.min(size, sizes[i]! - before[i]!));
  const zeros = kept.map((size, i): Pair => [before[i]!, sizes[i]! - before[i]! - size]);
  // The last spatial axis and the channels are handled as one: webgpu cuts and pads up to four axes.
  const merged = (shape: number[]) => [...shape.slice(0, -1), shape.at(-1)! * channels];
  let result = reshape(x, [batch, ...merged(spatial)]);
  if (kept.some((size, i) => size !== spatial[i]))
    result = slice(
      result,
      result.shape.map(() => 0),
      [batch, ...merged(kept)],
    );
  if (zeros.some(([first, last]) => first + last > 0)) {
    const [first, last] = zeros.at(-1)!;
    result = pad(result, [[0, 0], ...zeros.slice(0, -1), [first * channels, last * channels]]);
  }
  return reshape(result, [batch, ...sizes, channels]);
}

/** Moves (first, ...spatial, last), its spatial axes taken as one, and gives them back their sizes. */
function exchange(x: Tensor, order: [number, number, number]): Tensor {
  const spatial = x.shape.slice(1, -1);
  const groups = [[x.shape[0]!], spatial, [x.shape.at(-1)!]];
  const moved = transpose(reshape(x, [x.shape[0]!, -1, x.shape.at(-1)!]), order);
  return reshape(
    moved,
    order.flatMap((group) => groups[group]!),
  );
}

/** The kernel turned around in space, its input and output channels exchanged. */
function flip(kernel: Tensor): Tensor {
  const [into, out] = kernel.shape.slice(-2) as Pair;
  const turned = reverse(reshape(kernel, [-1, into, out]), 0);
  return reshape(transpose(turned, [0, 2, 1]), [...kernel.shape.slice(0, -2), out, into]);
}
