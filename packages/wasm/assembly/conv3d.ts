// Both gradients of a 3D convolution.
import { loadLanes, storeLanes } from './lanes';

/** Sum of a[i] b[i]. */
function dot(a: usize, b: usize, count: i32): f32 {
  let sums = f32x4.splat(0);
  for (; count > 0; count -= 4) {
    sums = f32x4.add(sums, f32x4.mul(loadLanes(a, count), loadLanes(b, count)));
    a += 16;
    b += 16;
  }
  const low = f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 1);
  return low + f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3);
}

/**
 * sums[i] += values . line i of `lines`, each of `count`. One call for many lines, because the compiler copies nothing to two
 * places that is as long as this.
 */
export function addDots(values: usize, lines: usize, sums: usize, count: i32, lineCount: i32): void {
  for (; lineCount > 0; lineCount--) {
    store<f32>(sums, load<f32>(sums) + dot(values, lines, count));
    lines += (<usize>count) << 2;
    sums += 4;
  }
}

/** sums[i] += factor * values[i] */
function addScaled(factor: f32, values: usize, sums: usize, count: i32): void {
  const factors = f32x4.splat(factor);
  for (; count > 0; count -= 4) {
    const product = f32x4.mul(factors, loadLanes(values, count));
    storeLanes(sums, f32x4.add(loadLanes(sums, count), product), count);
    values += 16;
    sums += 16;
  }
}

/**
 * With `input` true, `result` is dX and `other` the filter: dX[o * stride + k - pad, c] += dY[o] . filter[k, c];
 * else `result` is dFilter and `other` is X: dFilter[k, c] += X[o * stride + k - pad, c] dY[o].
 * `result` is added to, and so has to be zero at first.
 */
export function conv3dBackprop(
  input: bool,
  dy: usize,
  other: usize,
  result: usize,
  batch: i32,
  depth: i32,
  height: i32,
  width: i32,
  inChannels: i32,
  outDepth: i32,
  outHeight: i32,
  outWidth: i32,
  outChannels: i32,
  filterDepth: i32,
  filterHeight: i32,
  filterWidth: i32,
  strideDepth: i32,
  strideHeight: i32,
  strideWidth: i32,
  padFront: i32,
  padTop: i32,
  padLeft: i32,
): void {
  const outBytes = (<usize>outChannels) << 2;
  const inBytes = (<usize>inChannels) << 2;
  for (let image = 0; image < batch; image++) {
    for (let frame = 0; frame < outDepth; frame++) {
      for (let row = 0; row < outHeight; row++) {
        for (let column = 0; column < outWidth; column++) {
          for (let i = 0; i < filterDepth; i++) {
            const z = frame * strideDepth + i - padFront;
            if (z < 0 || z >= depth) continue;
            for (let j = 0; j < filterHeight; j++) {
              const y = row * strideHeight + j - padTop;
              if (y < 0 || y >= height) continue;
              for (let k = 0; k < filterWidth; k++) {
                const x = column * strideWidth + k - padLeft;
                if (x < 0 || x >= width) continue;
                const pixel = <usize>(((image * depth + z) * height + y) * width + x) * inBytes;
                const tap = <usize>(((i * filterHeight + j) * filterWidth + k) * inChannels) * outBytes;
                if (input) {
                  addDots(dy, other + tap, result + pixel, outChannels, inChannels);
                  continue;
                }
                for (let c = 0; c < inChannels; c++) {
                  const value = load<f32>(other + pixel + ((<usize>c) << 2));
                  addScaled(value, dy, result + tap + <usize>c * outBytes, outChannels);
                }
              }
            }
          }
          dy += outBytes;
        }
      }
    }
  }
}
