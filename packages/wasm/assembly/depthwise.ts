// Gradients of a depthwise convolution: channel c of the input meets the `multiplier` output channels c * multiplier ...
import { loadLanes, storeLanes } from './lanes';

/** target[c] += sum over q of a[c, q] * b[c, q] for every input channel c. */
function addProductsPerInput(a: usize, b: usize, target: usize, channels: i32, multiplier: i32): void {
  if (multiplier === 1) {
    addProducts(a, b, target, channels);
    return;
  }
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
  if (multiplier === 1) {
    addProducts(x, b, target, channels);
    return;
  }
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

function addProducts(a: usize, b: usize, target: usize, count: i32): void {
  for (; count > 0; count -= 4) {
    const product = f32x4.mul(loadLanes(a, count), loadLanes(b, count));
    storeLanes(target, f32x4.add(loadLanes(target, count), product), count);
    a += 16;
    b += 16;
    target += 16;
  }
}

/**
 * With `input` true, `result` is dX and `other` the filter; else `result` is dFilter and `other` is X.
 * `result` is added to, and so has to be zero at first.
 */
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
  const pixelBytes = (<usize>channels) << 2;
  const outBytes = pixelBytes * <usize>multiplier;
  for (let image = 0; image < batch; image++) {
    for (let row = 0; row < outHeight; row++) {
      for (let column = 0; column < outWidth; column++) {
        for (let i = 0; i < filterHeight; i++) {
          const y = row * strideHeight + i * dilationHeight - padTop;
          if (y < 0 || y >= height) continue;
          for (let j = 0; j < filterWidth; j++) {
            const x = column * strideWidth + j * dilationWidth - padLeft;
            if (x < 0 || x >= width) continue;
            const pixel = <usize>((image * height + y) * width + x) * pixelBytes;
            const tap = <usize>(i * filterWidth + j) * outBytes;
            if (input) addProductsPerInput(dy, other + tap, result + pixel, channels, multiplier);
            else addProductsPerOutput(other + pixel, dy, result + tap, channels, multiplier);
          }
        }
        dy += outBytes;
      }
    }
  }
}
