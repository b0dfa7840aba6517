// Statistics of the channels of a row-major (rows, channels) array.
import { CHUNK, loadLanes, storeLanes } from './lanes';
import { sumRows } from './reduce';

/**
 * stats[0, c] = mean over r of x[r, c]; stats[1, c] = sum over r of (x[r, c] - mean[c])^2. A chunk of rows at a time, which
 * the cache still holds when its own mean is known; chunks are put together as the algorithm of Chan et al. says. Means are
 * of what the rows are above the first chunk's mean until the end: where all values are large, only their spread is left to
 * round. stats[2] is scratch, for that mean.
 */
export function batchNormStats(x: usize, stats: usize, rows: i32, channels: i32): void {
  const bytes = (<usize>channels) << 2;
  const origin = stats + (bytes << 1);
  const first = min(CHUNK, rows);
  sumRows(x, origin, 1, first, channels, <f32>1 / <f32>first);
  memory.fill(stats, 0, bytes << 1);
  for (let row = 0; row < rows; row += CHUNK) {
    const count = min(CHUNK, rows - row);
    const weight = f32x4.splat(<f32>count / <f32>(row + count));
    const cross = f32x4.splat((<f32>row * <f32>count) / <f32>(row + count));
    const own = f32x4.splat(<f32>1 / <f32>count);
    let channel = 0;
    for (; channel + 16 <= channels; channel += 16) {
      const offset = (<usize>channel) << 2;
      addSixteen(x + offset, origin + offset, stats + offset, count, bytes, own, weight, cross);
    }
    for (; channel < channels; channel += 4) {
      const offset = (<usize>channel) << 2;
      addFour(x + offset, origin + offset, stats + offset, count, bytes, channels - channel, own, weight, cross);
    }
    x += bytes * <usize>count;
  }
  for (let at: usize = 0; at < bytes; at += 4) store<f32>(stats + at, load<f32>(stats + at) + load<f32>(origin + at));
}

function addFour(
  x: usize,
  origins: usize,
  stats: usize,
  rows: i32,
  rowBytes: usize,
  lanes: i32,
  own: v128,
  weight: v128,
  cross: v128,
): void {
  const origin = loadLanes(origins, lanes);
  let sum = f32x4.splat(0);
  let at = x;
  for (let r = rows; r > 0; r--) {
    sum = f32x4.add(sum, f32x4.sub(loadLanes(at, lanes), origin));
    at += rowBytes;
  }
  const mean = f32x4.mul(sum, own);
  const centre = f32x4.add(origin, mean);
  let squares = f32x4.splat(0);
  at = x;
  for (let r = rows; r > 0; r--) {
    const apart = f32x4.sub(loadLanes(at, lanes), centre);
    squares = f32x4.add(squares, f32x4.mul(apart, apart));
    at += rowBytes;
  }
  merge(stats, rowBytes, mean, squares, lanes, weight, cross);
}

function addSixteen(
  x: usize,
  origins: usize,
  stats: usize,
  rows: i32,
  rowBytes: usize,
  own: v128,
  weight: v128,
  cross: v128,
): void {
  const origin0 = v128.load(origins);
  const origin1 = v128.load(origins, 16);
  const origin2 = v128.load(origins, 32);
  const origin3 = v128.load(origins, 48);
  const zero = f32x4.splat(0);
  let sum0 = zero;
  let sum1 = zero;
  let sum2 = zero;
  let sum3 = zero;
  let at = x;
  for (let r = rows; r > 0; r--) {
    sum0 = f32x4.add(sum0, f32x4.sub(v128.load(at), origin0));
    sum1 = f32x4.add(sum1, f32x4.sub(v128.load(at, 16), origin1));
    sum2 = f32x4.add(sum2, f32x4.sub(v128.load(at, 32), origin2));
    sum3 = f32x4.add(sum3, f32x4.sub(v128.load(at, 48), origin3));
    at += rowBytes;
  }
  const mean0 = f32x4.mul(sum0, own);
  const mean1 = f32x4.mul(sum1, own);
  const mean2 = f32x4.mul(sum2, own);
  const mean3 = f32x4.mul(sum3, own);
  const centre0 = f32x4.add(origin0, mean0);
  const centre1 = f32x4.add(origin1, mean1);
  const centre2 = f32x4.add(origin2, mean2);
  const centre3 = f32x4.add(origin3, mean3);
  let squares0 = zero;
  let squares1 = zero;
  let squares2 = zero;
  let squares3 = zero;
  at = x;
  for (let r = rows; r > 0; r--) {
    const apart0 = f32x4.sub(v128.load(at), centre0);
    const apart1 = f32x4.sub(v128.load(at, 16), centre1);
    const apart2 = f32x4.sub(v128.load(at, 32), centre2);
    const apart3 = f32x4.sub(v128.load(at, 48), centre3);
    squares0 = f32x4.add(squares0, f32x4.mul(apart0, apart0));
    squares1 = f32x4.add(squares1, f32x4.mul(apart1, apart1));
    squares2 = f32x4.add(squares2, f32x4.mul(apart2, apart2));
    squares3 = f32x4.add(squares3, f32x4.mul(apart3, apart3));
    at += rowBytes;
  }
  merge(stats, rowBytes, mean0, squares0, 4, weight, cross);
  merge(stats + 16, rowBytes, mean1, squares1, 4, weight, cross);
  merge(stats + 32, rowBytes, mean2, squares2, 4, weight, cross);
  merge(stats + 48, rowBytes, mean3, squares3, 4, weight, cross);
}

/** Adds the statistics of a chunk to those of the rows before it. */
function merge(stats: usize, rowBytes: usize, mean: v128, squares: v128, lanes: i32, weight: v128, cross: v128): void {
  const before = loadLanes(stats, lanes);
  const apart = f32x4.sub(mean, before);
  storeLanes(stats, f32x4.add(before, f32x4.mul(apart, weight)), lanes);
  const total = f32x4.add(loadLanes(stats + rowBytes, lanes), squares);
  storeLanes(stats + rowBytes, f32x4.add(total, f32x4.mul(f32x4.mul(apart, apart), cross)), lanes);
}
