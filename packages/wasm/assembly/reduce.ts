// Sums over rows, which TF.js takes by transposing first.
import { CHUNK, loadLanes, storeLanes } from './lanes';

/** out[o, c] = scale * sum over r of x[o, r, c]. */
export function sumRows(x: usize, out: usize, outer: i32, rows: i32, columns: i32, scale: f32): void {
  const rowBytes = (<usize>columns) << 2;
  for (let o = 0; o < outer; o++) {
    for (let column = 0; column < columns; column += 16) {
      const left = columns - column;
      const at = x + ((<usize>column) << 2);
      const to = out + ((<usize>column) << 2);
      if (left >= 16) sumSixteen(at, to, rows, rowBytes, scale);
      else
        for (let c = 0; c < left; c += 4)
          sumFour(at + ((<usize>c) << 2), to + ((<usize>c) << 2), rows, rowBytes, left - c, scale);
    }
    x += rowBytes * <usize>rows;
    out += rowBytes;
  }
}

function sumSixteen(at: usize, to: usize, rows: i32, rowBytes: usize, scale: f32): void {
  const zero = f32x4.splat(0);
  const factor = f32x4.splat(scale);
  let total0 = zero;
  let total1 = zero;
  let total2 = zero;
  let total3 = zero;
  // What the totals have lost by rounding so far (Kahan); nothing where they are infinite.
  let lost0 = zero;
  let lost1 = zero;
  let lost2 = zero;
  let lost3 = zero;
  for (let row = 0; row < rows; row += CHUNK) {
    let sum0 = zero;
    let sum1 = zero;
    let sum2 = zero;
    let sum3 = zero;
    for (let r = min(CHUNK, rows - row); r > 0; r--) {
      sum0 = f32x4.add(sum0, v128.load(at));
      sum1 = f32x4.add(sum1, v128.load(at, 16));
      sum2 = f32x4.add(sum2, v128.load(at, 32));
      sum3 = f32x4.add(sum3, v128.load(at, 48));
      at += rowBytes;
    }
    const part0 = f32x4.sub(sum0, lost0);
    const part1 = f32x4.sub(sum1, lost1);
    const part2 = f32x4.sub(sum2, lost2);
    const part3 = f32x4.sub(sum3, lost3);
    const next0 = f32x4.add(total0, part0);
    const next1 = f32x4.add(total1, part1);
    const next2 = f32x4.add(total2, part2);
    const next3 = f32x4.add(total3, part3);
    lost0 = finiteOrZero(f32x4.sub(f32x4.sub(next0, total0), part0));
    lost1 = finiteOrZero(f32x4.sub(f32x4.sub(next1, total1), part1));
    lost2 = finiteOrZero(f32x4.sub(f32x4.sub(next2, total2), part2));
    lost3 = finiteOrZero(f32x4.sub(f32x4.sub(next3, total3), part3));
    total0 = next0;
    total1 = next1;
    total2 = next2;
    total3 = next3;
  }
  v128.store(to, f32x4.mul(total0, factor));
  v128.store(to, f32x4.mul(total1, factor), 16);
  v128.store(to, f32x4.mul(total2, factor), 32);
  v128.store(to, f32x4.mul(total3, factor), 48);
}

/** Infinity - Infinity is no number, and as a correction would make none of an infinite sum. */
function finiteOrZero(lanes: v128): v128 {
  return v128.and(lanes, f32x4.eq(lanes, lanes));
}

function sumFour(at: usize, to: usize, rows: i32, rowBytes: usize, lanes: i32, scale: f32): void {
  let total = f32x4.splat(0);
  let lost = total;
  for (let row = 0; row < rows; row += CHUNK) {
    let sum = f32x4.splat(0);
    for (let r = min(CHUNK, rows - row); r > 0; r--) {
      sum = f32x4.add(sum, loadLanes(at, lanes));
      at += rowBytes;
    }
    const part = f32x4.sub(sum, lost);
    const next = f32x4.add(total, part);
    lost = finiteOrZero(f32x4.sub(f32x4.sub(next, total), part));
    total = next;
  }
  storeLanes(to, f32x4.mul(total, f32x4.splat(scale)), lanes);
}

/**
 * sums[id of row r] += x[r], of floats or of integers; rows whose id is no segment are left out.
 * `sums` has to be zero at first.
 */
export function sumSegments(
  integers: bool,
  x: usize,
  ids: usize,
  sums: usize,
  rows: i32,
  columns: i32,
  segments: i32,
): void {
  const rowBytes = (<usize>columns) << 2;
  for (let row = 0; row < rows; row++) {
    const id = load<i32>(ids + ((<usize>row) << 2));
    if (id < 0 || id >= segments) continue;
    let from = x + <usize>row * rowBytes;
    let to = sums + <usize>id * rowBytes;
    for (let left = columns; left > 0; left -= 4) {
      const sum = loadLanes(to, left);
      const value = loadLanes(from, left);
      storeLanes(to, integers ? i32x4.add(sum, value) : f32x4.add(sum, value), left);
      from += 16;
      to += 16;
    }
  }
}
