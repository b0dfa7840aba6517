// Batch normalization of a row-major (rows, channels) array.
import { CHUNK, loadLanes, storeLanes } from './lanes';

/**
 * y = (x - mean) * scale / sqrt(variance + epsilon) + offset, per channel. `scale` or `offset` 0 means 1 or 0.
 * `factors` is scratch for 2 values a channel.
 */
export function batchNorm(
  x: usize,
  y: usize,
  mean: usize,
  variance: usize,
  scale: usize,
  offset: usize,
  factors: usize,
  rows: i32,
  channels: i32,
  epsilon: f32,
): void {
  const bytes = (<usize>channels) << 2;
  const shifts = factors + bytes;
  for (let at: usize = 0; at < bytes; at += 4) {
    const factor: f32 = <f32>1 / sqrt<f32>(load<f32>(variance + at) + epsilon);
    store<f32>(factors + at, scale === 0 ? factor : factor * load<f32>(scale + at));
    store<f32>(shifts + at, offset === 0 ? 0 : load<f32>(offset + at));
  }
  for (let row = 0; row < rows; row++) {
    let at: usize = 0;
    for (let left = channels; left > 0; left -= 4) {
      const centred = f32x4.sub(loadLanes(x + at, left), loadLanes(mean + at, left));
      const scaled = f32x4.mul(centred, loadLanes(factors + at, left));
      storeLanes(y + at, f32x4.add(scaled, loadLanes(shifts + at, left)), left);
      at += 16;
    }
    x += bytes;
    y += bytes;
  }
}

/** sums[0, c] = sum over r of dy[r, c]; sums[1, c] = sum over r of dy[r, c] (x[r, c] - mean[c]). */
export function batchNormSums(x: usize, dy: usize, mean: usize, sums: usize, rows: i32, channels: i32): void {
  const bytes = (<usize>channels) << 2;
  for (let channel = 0; channel < channels; channel += 4) {
    const offset = (<usize>channel) << 2;
    sumFour(x + offset, dy + offset, mean + offset, sums + offset, rows, bytes, channels - channel);
  }
}

function sumFour(x: usize, dy: usize, mean: usize, sums: usize, rows: i32, rowBytes: usize, lanes: i32): void {
  const centre = loadLanes(mean, lanes);
  let total = f32x4.splat(0);
  let centredTotal = total;
  for (let row = 0; row < rows; row += CHUNK) {
    let sum = f32x4.splat(0);
    let centredSum = sum;
    for (let r = min(CHUNK, rows - row); r > 0; r--) {
      const gradient = loadLanes(dy, lanes);
      sum = f32x4.add(sum, gradient);
      centredSum = f32x4.add(centredSum, f32x4.mul(gradient, f32x4.sub(loadLanes(x, lanes), centre)));
      x += rowBytes;
      dy += rowBytes;
    }
    total = f32x4.add(total, sum);
    centredTotal = f32x4.add(centredTotal, centredSum);
  }
  storeLanes(sums, total, lanes);
  storeLanes(sums + rowBytes, centredTotal, lanes);
}
