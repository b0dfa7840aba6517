// Rearrangements of feature maps and kernels, (first, ...spatial, last), for any number of spatial axes.
import { pad, reshape, reverse, slice, type Tensor, transpose } from '@tensorflow/tfjs-core';

type Pair = [number, number];

/** `stride - 1` zeros after each element, along every spatial axis. */
export function insertZeros(x: Tensor, strides: number[]): Tensor {
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
export function place(x: Tensor, before: number[], sizes: number[]): Tensor {
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
export function exchange(x: Tensor, order: [number, number, number]): Tensor {
  const spatial = x.shape.slice(1, -1);
  const groups = [[x.shape[0]!], spatial, [x.shape.at(-1)!]];
  const moved = transpose(reshape(x, [x.shape[0]!, -1, x.shape.at(-1)!]), order);
  return reshape(
    moved,
    order.flatMap((group) => groups[group]!),
  );
}

/** The kernel turned around in space, its input and output channels exchanged. */
export function flip(kernel: Tensor): Tensor {
  const [into, out] = kernel.shape.slice(-2) as Pair;
  const turned = reverse(reshape(kernel, [-1, into, out]), 0);
  return reshape(transpose(turned, [0, 2, 1]), [...kernel.shape.slice(0, -2), out, into]);
}
