// Gradients of a depthwise convolution: channel c of the input meets the `multiplier` output channels c * multiplier ...
import { addColumns, spreadColumns, spreadColumnsOfThree, sumColumns, sumColumnsOfThree } from './depthwise-columns';

// Where that is one, a row of dY and one of X or dX meet at a time, in eight channels: the rows stay in the nearest cache, and what a
// row of the filter has of these channels in registers. Three taps go together through the columns that all of them reach.

/** One tap, on columns from `first` to `end`, in `lanes` channels. Column c is on pixel c * stride - shift. */
function meetColumns(
  input: bool,
  dy: usize,
  pixels: usize,
  tap: usize,
  lanes: i32,
  first: i32,
  end: i32,
  shift: i32,
  stride: i32,
  pixelBytes: usize,
): void {
  const count = end - first;
  if (count <= 0) return;
  const stepBytes = pixelBytes * <usize>stride;
  dy += <usize>first * pixelBytes;
  pixels += <usize>(first * stride - shift) * pixelBytes;
  for (; lanes >= 8; lanes -= 8) {
    if (input) spreadColumns(dy, pixels, tap, count, pixelBytes, stepBytes);
    else sumColumns(dy, pixels, tap, count, pixelBytes, stepBytes);
    dy += 32;
    pixels += 32;
    tap += 32;
  }
  for (; lanes > 0; lanes -= 4) {
    if (input) addColumns(dy, tap, pixels, lanes, count, pixelBytes, 0, stepBytes);
    else addColumns(dy, pixels, tap, lanes, count, pixelBytes, stepBytes, 0);
    dy += 16;
    pixels += 16;
    tap += 16;
  }
}

/** A row of dY, one of X (with `input` of dX) and one of the filter's, `filterWidth` taps. */
function meetRows(
  input: bool,
  dy: usize,
  pixels: usize,
  tap: usize,
  channels: i32,
  width: i32,
  outWidth: i32,
  filterWidth: i32,
  stride: i32,
  dilation: i32,
  padLeft: i32,
): void {
  const pixelBytes = (<usize>channels) << 2;
  const eights = channels & -8;
  const tailBytes = (<usize>eights) << 2;
  const bringsThree = eights > 0 && (!input || stride === 1);
  let shift = padLeft;
  for (let j = 0; j < filterWidth; ) {
    const taps = bringsThree && j + 3 <= filterWidth ? 3 : 1;
    // Columns of the first of three taps at which all three are on the map; for dX, which is gathered, on the same pixels.
    let begin = 0;
    let common = 0;
    if (taps === 3) {
      const lastShift = shift - 2 * dilation;
      begin = input ? shift + max(0, -lastShift) : firstColumn(shift, stride);
      common = (input ? min(outWidth, width + shift) : endColumn(lastShift, stride, width, outWidth)) - begin;
    }
    if (common > 0) {
      const apart = pixelBytes * <usize>dilation;
      const stepBytes = pixelBytes * <usize>stride;
      const dyAt = dy + <usize>begin * pixelBytes;
      const pixelsAt = pixels + <usize>(begin * stride - shift) * pixelBytes;
      for (let at: usize = 0; at < tailBytes; at += 32) {
        if (input) spreadColumnsOfThree(dyAt + at, pixelsAt + at, tap + at, common, pixelBytes, pixelBytes, apart);
        else sumColumnsOfThree(dyAt + at, pixelsAt + at, tap + at, common, pixelBytes, stepBytes, pixelBytes, apart);
      }
    }
    for (let t = 0; t < taps; t++) {
      const first = firstColumn(shift, stride);
      const end = endColumn(shift, stride, width, outWidth);
      let done: usize = 0;
      if (common > 0) {
        meetColumns(input, dy, pixels, tap, eights, first, begin, shift, stride, pixelBytes);
        meetColumns(input, dy, pixels, tap, eights, begin + common, end, shift, stride, pixelBytes);
        if (input) begin -= dilation;
        done = tailBytes;
      }
      const left = channels - <i32>(done >> 2);
      meetColumns(input, dy + done, pixels + done, tap + done, left, first, end, shift, stride, pixelBytes);
      shift -= dilation;
      tap += pixelBytes;
    }
    j += taps;
  }
}

/** The first column with its tap within the map. */
function firstColumn(shift: i32, stride: i32): i32 {
  return shift > 0 ? (shift + stride - 1) / stride : 0;
}

/** The column behind the last of them. */
function endColumn(shift: i32, stride: i32, width: i32, outWidth: i32): i32 {
  const last = width - 1 + shift;
  return last < 0 ? 0 : min(outWidth, last / stride + 1);
}

/** target[c] += sum over q of a[c, q] * b[c, q] for every input channel c. */
function addProductsPerInput(a: usize, b: usize, target: usize, channels: i32, multiplier: i32): void {
  for (let c = 0; c < channels; c++) {
    let sum = load<f32>(target);
    for (let q = 0; q < multiplier; q++) {
      sum += load<f32>(a) * load<f32>(b);
      a += 4;
      b += 4;
    }
    store<f32>(target, sum);
    target += 4;
  }
}

/** target[c, q] += x[c] * b[c, q] for every output channel (c, q). */
function addProductsPerOutput(x: usize, b: usize, target: usize, channels: i32, multiplier: i32): void {
  for (let c = 0; c < channels; c++) {
    const value = load<f32>(x);
    for (let q = 0; q < multiplier; q++) {
      store<f32>(target, load<f32>(target) + value * load<f32>(b));
      target += 4;
      b += 4;
    }
    x += 4;
  }
}

/** The same where channels have `multiplier` output channels each. */
function meetRowsOfMany(
  input: bool,
  dy: usize,
  pixels: usize,
  taps: usize,
  channels: i32,
  multiplier: i32,
  width: i32,
  outWidth: i32,
  filterWidth: i32,
  stride: i32,
  dilation: i32,
  padLeft: i32,
): void {
  const pixelBytes = (<usize>channels) << 2;
  const outBytes = pixelBytes * <usize>multiplier;
  for (let column = 0; column < outWidth; column++) {
    for (let j = 0; j < filterWidth; j++) {
      const x = column * stride + j * dilation - padLeft;
      if (x < 0 || x >= width) continue;
      const pixel = pixels + <usize>x * pixelBytes;
      const tap = taps + <usize>j * outBytes;
      if (input) addProductsPerInput(dy, tap, pixel, channels, multiplier);
      else addProductsPerOutput(pixel, dy, tap, channels, multiplier);
    }
    dy += outBytes;
  }
}

/** With `input` true, `result` is dX and `other` the filter; else `result` is dFilter, which is added to, and `other` is X. */
export function depthwiseBackprop(
  input: bool,
  dy: usize,
  other: usize,
  result: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  multiplier: i32,
  outHeight: i32,
  outWidth: i32,
  filterHeight: i32,
  filterWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  dilationHeight: i32,
  dilationWidth: i32,
  padTop: i32,
  padLeft: i32,
): void {
  const rowBytes = (<usize>(width * channels)) << 2;
  const imageBytes = <usize>height * rowBytes;
  const outBytes = (<usize>(channels * multiplier)) << 2;
  let image = input ? result : other;
  const filter = input ? other : result;
  for (; batch > 0; batch--) {
    if (input) memory.fill(image, 0, imageBytes);
    for (let row = 0; row < outHeight; row++) {
      for (let i = 0; i < filterHeight; i++) {
        const y = row * strideHeight + i * dilationHeight - padTop;
        if (y < 0 || y >= height) continue;
        const pixels = image + <usize>y * rowBytes;
        const taps = filter + <usize>(i * filterWidth) * outBytes;
        if (multiplier === 1) {
          meetRows(
            input,
            dy,
            pixels,
            taps,
            channels,
            width,
            outWidth,
            filterWidth,
            strideWidth,
            dilationWidth,
            padLeft,
          );
        } else {
          meetRowsOfMany(
            input,
            dy,
            pixels,
            taps,
            channels,
            multiplier,
            width,
            outWidth,
            filterWidth,
            strideWidth,
            dilationWidth,
            padLeft,
          );
        }
      }
      dy += <usize>outWidth * outBytes;
    }
    image += imageBytes;
  }
}
