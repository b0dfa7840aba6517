// The gradient of batch normalization in training, of a row-major (rows, channels) array.
import { CHUNK, loadLanes, storeLanes } from './lanes';

/**
 * sums[0, c] = sum over r of dy[r, c]; sums[1, c] = sum over r of dy[r, c] (x[r, c] - mean[c]), where dy counts where y > 0;
 * `y` 0 means everywhere.
 */
export function batchNormSums(x: usize, dy: usize, y: usize, mean: usize, sums: usize, rows: i32, channels: i32): void {
  const bytes = (<usize>channels) << 2;
  memory.fill(sums, 0, bytes << 1);
  for (let row = 0; row < rows; row += CHUNK) {
    const count = min(CHUNK, rows - row);
    for (let channel = 0; channel < channels; channel += 8) {
      const offset = (<usize>channel) << 2;
      const mask = y === 0 ? 0 : y + offset;
      const left = channels - channel;
      if (left >= 8) sumEight(x + offset, dy + offset, mask, mean + offset, sums + offset, count, bytes);
      else {
        sumFour(x + offset, dy + offset, mask, mean + offset, sums + offset, count, bytes, left);
        if (left > 4) {
          const second = offset + 16;
          const masked = y === 0 ? 0 : y + second;
          sumFour(x + second, dy + second, masked, mean + second, sums + second, count, bytes, left - 4);
        }
      }
    }
    const step = bytes * <usize>count;
    x += step;
    dy += step;
    if (y !== 0) y += step;
  }
}

function sumEight(x: usize, dy: usize, y: usize, mean: usize, sums: usize, rows: i32, rowBytes: usize): void {
  const zero = f32x4.splat(0);
  const mean0 = v128.load(mean);
  const mean1 = v128.load(mean, 16);
  let sum0 = zero;
  let sum1 = zero;
  let centred0 = zero;
  let centred1 = zero;
  for (let r = rows; r > 0; r--) {
    let dy0 = v128.load(dy);
    let dy1 = v128.load(dy, 16);
    if (y !== 0) {
      dy0 = v128.and(dy0, f32x4.gt(v128.load(y), zero));
      dy1 = v128.and(dy1, f32x4.gt(v128.load(y, 16), zero));
      y += rowBytes;
    }
    sum0 = f32x4.add(sum0, dy0);
    sum1 = f32x4.add(sum1, dy1);
    centred0 = f32x4.add(centred0, f32x4.mul(dy0, f32x4.sub(v128.load(x), mean0)));
    centred1 = f32x4.add(centred1, f32x4.mul(dy1, f32x4.sub(v128.load(x, 16), mean1)));
    x += rowBytes;
    dy += rowBytes;
  }
  v128.store(sums, f32x4.add(v128.load(sums), sum0));
  v128.store(sums, f32x4.add(v128.load(sums, 16), sum1), 16);
  const products = sums + rowBytes;
  v128.store(products, f32x4.add(v128.load(products), centred0));
  v128.store(products, f32x4.add(v128.load(products, 16), centred1), 16);
}

function sumFour(
  x: usize,
  dy: usize,
  y: usize,
  mean: usize,
  sums: usize,
  rows: i32,
  rowBytes: usize,
  lanes: i32,
): void {
  const centre = loadLanes(mean, lanes);
  let sum = f32x4.splat(0);
  let centred = sum;
  for (let r = rows; r > 0; r--) {
    let gradient = loadLanes(dy, lanes);
    if (y !== 0) {
      gradient = v128.and(gradient, f32x4.gt(loadLanes(y, lanes), f32x4.splat(0)));
      y += rowBytes;
    }
    sum = f32x4.add(sum, gradient);
    centred = f32x4.add(centred, f32x4.mul(gradient, f32x4.sub(loadLanes(x, lanes), centre)));
    x += rowBytes;
    dy += rowBytes;
  }
  storeLanes(sums, f32x4.add(loadLanes(sums, lanes), sum), lanes);
  const products = sums + rowBytes;
  storeLanes(products, f32x4.add(loadLanes(products, lanes), centred), lanes);
}

/**
 * dx[r, c] = dy[r, c] factors[0, c] + (x[r, c] - mean[c]) factors[1, c] + factors[2, c], where dy counts where y > 0;
 * `y` 0 means everywhere.
 */
export function batchNormTrainGrad(
  x: usize,
  dy: usize,
  y: usize,
  dx: usize,
  mean: usize,
  factors: usize,
  rows: i32,
  channels: i32,
): void {
  const bytes = (<usize>channels) << 2;
  const slopes = factors + bytes;
  const shifts = slopes + bytes;
  const zero = f32x4.splat(0);
  for (let row = 0; row < rows; row++) {
    let at: usize = 0;
    for (let left = channels; left > 0; left -= 4) {
      let gradient = loadLanes(dy + at, left);
      if (y !== 0) gradient = v128.and(gradient, f32x4.gt(loadLanes(y + at, left), zero));
      const centred = f32x4.sub(loadLanes(x + at, left), loadLanes(mean + at, left));
      const sloped = f32x4.add(f32x4.mul(centred, loadLanes(slopes + at, left)), loadLanes(shifts + at, left));
      storeLanes(dx + at, f32x4.add(f32x4.mul(gradient, loadLanes(factors + at, left)), sloped), left);
      at += 16;
    }
    x += bytes;
    dy += bytes;
    dx += bytes;
    if (y !== 0) y += bytes;
  }
}
