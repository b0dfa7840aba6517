// Chains of products of small matrices with an axis of images. An image goes through a few channels at a time, so that
// all that lies between two products stays in the nearest cache, and takes no room of the size of a map.
import { dot } from './dot';
import { foldedProduct } from './folded-product';
import { matMul } from './mat-mul';

/**
 * A step is ten numbers in memory: the address of its matrix (rows, n), outer, rows, n, inner, and whether `inner` and the
 * channels are 1 and the matrix lies transposed; then, where the matrix falls apart into halves, the addresses of these and of
 * the places of inputs and outputs, for {@link foldedProduct}. It takes (outer, n, inner, channels) to (outer, rows, inner,
 * channels).
 */
const STEP_BYTES: usize = 40;

/** `buffers` is scratch for two results in between, `panel` for n + rows + 8 rows of 8. `from` may be the second buffer. */
function runSteps(
  from: usize,
  to: usize,
  steps: usize,
  count: i32,
  channels: i32,
  buffers: usize,
  bufferBytes: usize,
  panel: usize,
): void {
  for (let i = 0; i < count; i++) {
    const next = i === count - 1 ? to : buffers + (i & 1 ? bufferBytes : 0);
    const matrix = <usize>load<u32>(steps);
    const outer = load<i32>(steps, 4);
    const rows = load<i32>(steps, 8);
    const n = load<i32>(steps, 12);
    const columns = load<i32>(steps, 16) * channels;
    const even = <usize>load<u32>(steps, 24);
    if (even) {
      const odd = <usize>load<u32>(steps, 28);
      const inputs = <usize>load<u32>(steps, 32);
      const outputs = <usize>load<u32>(steps, 36);
      for (let o = 0; o < outer; o++) {
        const line = (<usize>(o * columns)) << 2;
        foldedProduct(even, odd, inputs, outputs, from + line * <usize>n, next + line * <usize>rows, panel, columns);
      }
    } else if (load<i32>(steps, 20)) {
      matMul(from, matrix, next, panel, outer, rows, n);
    } else {
      for (let o = 0; o < outer; o++) {
        const line = (<usize>(o * columns)) << 2;
        matMul(matrix, from + line * <usize>n, next + line * <usize>rows, panel, rows, columns, n);
      }
    }
    from = next;
    steps += STEP_BYTES;
  }
}

/** Copies `count` of the channels of each pixel; the strides are in channels. */
function copyChannels(from: usize, to: usize, pixels: i32, count: i32, fromStride: i32, toStride: i32): void {
  for (let pixel = 0; pixel < pixels; pixel++) {
    memory.copy(to, from, (<usize>count) << 2);
    from += (<usize>fromStride) << 2;
    to += (<usize>toStride) << 2;
  }
}

/** The address of `count` channels of an image from `channel` on: where they are, or a copy of them in `buffer`. */
function channelsOf(image: usize, buffer: usize, pixels: i32, channels: i32, channel: i32, count: i32): usize {
  if (count === channels) return image;
  copyChannels(image + ((<usize>channel) << 2), buffer, pixels, count, channels, count);
  return buffer;
}

/**
 * y = the steps applied to x, for units `first .. first + units`; a unit is up to `block` channels of one image.
 * `scratch` is for three buffers of `bufferBytes`, and a panel.
 */
export function productChain(
  x: usize,
  y: usize,
  steps: usize,
  count: i32,
  xPixels: i32,
  yPixels: i32,
  channels: i32,
  block: i32,
  first: i32,
  units: i32,
  scratch: usize,
  bufferBytes: usize,
): void {
  const blocks = (channels + block - 1) / block;
  const result = scratch + 2 * bufferBytes;
  const panel = result + bufferBytes;
  for (let unit = first; unit < first + units; unit++) {
    const image = unit / blocks;
    const channel = (unit - image * blocks) * block;
    const own = min(block, channels - channel);
    const xImage = x + ((<usize>(image * xPixels * channels)) << 2);
    const yImage = y + ((<usize>(image * yPixels * channels)) << 2);
    const from = channelsOf(xImage, scratch + bufferBytes, xPixels, channels, channel, own);
    const to = own === channels ? yImage : result;
    runSteps(from, to, steps, count, own, scratch, bufferBytes, panel);
    if (to === result) copyChannels(result, yImage + ((<usize>channel) << 2), yPixels, own, own, channels);
  }
}

/**
 * sums[i] += the sum over units and channels of place i of (the first steps applied to a) * (the others applied to b), of
 * which both have `places`. `scratch` is for four buffers of `bufferBytes`, and a panel.
 */
export function chainProducts(
  a: usize,
  b: usize,
  sums: usize,
  aSteps: usize,
  aCount: i32,
  bSteps: usize,
  bCount: i32,
  aPixels: i32,
  bPixels: i32,
  places: i32,
  channels: i32,
  block: i32,
  first: i32,
  units: i32,
  scratch: usize,
  bufferBytes: usize,
): void {
  const blocks = (channels + block - 1) / block;
  const spare = scratch + bufferBytes;
  const aResult = spare + bufferBytes;
  const bResult = aResult + bufferBytes;
  const panel = bResult + bufferBytes;
  for (let unit = first; unit < first + units; unit++) {
    const image = unit / blocks;
    const channel = (unit - image * blocks) * block;
    const own = min(block, channels - channel);
    const aImage = a + ((<usize>(image * aPixels * channels)) << 2);
    const bImage = b + ((<usize>(image * bPixels * channels)) << 2);
    const aFrom = channelsOf(aImage, spare, aPixels, channels, channel, own);
    runSteps(aFrom, aResult, aSteps, aCount, own, scratch, bufferBytes, panel);
    const bFrom = channelsOf(bImage, spare, bPixels, channels, channel, own);
    runSteps(bFrom, bResult, bSteps, bCount, own, scratch, bufferBytes, panel);
    for (let place = 0; place < places; place++) {
      const at = (<usize>(place * own)) << 2;
      const sum = sums + ((<usize>place) << 2);
      store<f32>(sum, load<f32>(sum) + dot(aResult + at, bResult + at, own));
    }
  }
}
