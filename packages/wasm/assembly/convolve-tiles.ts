// The inner loop of convolutions: four pixels by eight channels of the result at a time.
import { storeEight } from './lanes';
import { multiplyAdd } from './multiply-add';

/** Bytes of one panel: what eight channels of the result start from, and what they multiply `terms` values by. */
export function panelBytes(terms: i32): usize {
  return (<usize>(1 + terms)) << 5;
}

/**
 * Convolves one image at `window`. All strides are in bytes: what the first tap of result (row, column) reads, `depth`
 * channels, lies at row * stepDown + column * stepRight, and tap (i, j) by i * tapDown + j * tapRight behind. `panels` has
 * one panel for each eight channels: eight first terms, and then (tapRows, tapColumns, depth, 8). Writes the channels of
 * (row, column), none below `low` or above `high`, to target + row * rowStride + column * columnStride.
 *
 * What is read is addressed in bytes alone: with a multiplication more for every pixel, V8 runs out of registers in the
 * loop over the depth, which then takes an eighth longer.
 */
export function convolveTiles(
  window: usize,
  panels: usize,
  target: usize,
  rows: i32,
  columns: i32,
  stepDown: usize,
  stepRight: usize,
  tapRows: i32,
  tapColumns: i32,
  tapDown: usize,
  tapRight: usize,
  depth: i32,
  channels: i32,
  rowStride: usize,
  columnStride: usize,
  low: f32,
  high: f32,
): void {
  const panel = panelBytes(tapRows * tapColumns * depth);
  if (tapRight === (<usize>depth) << 2) {
    // Taps side by side are one that is deeper.
    depth *= tapColumns;
    tapColumns = 1;
  }
  // The loop over the depth looks at its end last, for the reason that the one of mat-mul.ts has.
  if (depth === 0) tapRows = 0;
  const depthBytes = (<usize>depth) << 2;
  const pixels = rows * columns;
  for (let block = 0; block < channels; block += 8) {
    const lanes = channels - block;
    for (let pixel = 0; pixel < pixels; pixel += 4) {
      // Past the last pixel the last one is computed again, and not written.
      const i1 = min(pixel + 1, pixels - 1);
      const i2 = min(pixel + 2, pixels - 1);
      const i3 = min(pixel + 3, pixels - 1);
      const r0 = pixel / columns;
      const r1 = i1 / columns;
      const r2 = i2 / columns;
      const r3 = i3 / columns;
      const c0 = pixel - r0 * columns;
      const c1 = i1 - r1 * columns;
      const c2 = i2 - r2 * columns;
      const c3 = i3 - r3 * columns;
      const p0 = window + <usize>r0 * stepDown + <usize>c0 * stepRight;
      const p1 = window + <usize>r1 * stepDown + <usize>c1 * stepRight;
      const p2 = window + <usize>r2 * stepDown + <usize>c2 * stepRight;
      const p3 = window + <usize>r3 * stepDown + <usize>c3 * stepRight;
      let w = panels;
      let s00 = v128.load(w);
      let s01 = v128.load(w, 16);
      let s10 = s00;
      let s11 = s01;
      let s20 = s00;
      let s21 = s01;
      let s30 = s00;
      let s31 = s01;
      w += 32;
      for (let i = 0; i < tapRows; i++) {
        for (let j = 0; j < tapColumns; j++) {
          let at = <usize>i * tapDown + <usize>j * tapRight;
          const end = at + depthBytes;
          do {
            const w0 = v128.load(w);
            const w1 = v128.load(w, 16);
            const d0 = v128.load32_splat(p0 + at);
            s00 = multiplyAdd(d0, w0, s00);
            s01 = multiplyAdd(d0, w1, s01);
            const d1 = v128.load32_splat(p1 + at);
            s10 = multiplyAdd(d1, w0, s10);
            s11 = multiplyAdd(d1, w1, s11);
            const d2 = v128.load32_splat(p2 + at);
            s20 = multiplyAdd(d2, w0, s20);
            s21 = multiplyAdd(d2, w1, s21);
            const d3 = v128.load32_splat(p3 + at);
            s30 = multiplyAdd(d3, w0, s30);
            s31 = multiplyAdd(d3, w1, s31);
            w += 32;
            at += 4;
          } while (at < end);
        }
      }
      const to = target + ((<usize>block) << 2);
      const t0 = to + <usize>r0 * rowStride + <usize>c0 * columnStride;
      storeLimited(t0, s00, s01, lanes, low, high);
      if (pixel + 1 >= pixels) continue;
      const t1 = to + <usize>r1 * rowStride + <usize>c1 * columnStride;
      storeLimited(t1, s10, s11, lanes, low, high);
      if (pixel + 2 >= pixels) continue;
      const t2 = to + <usize>r2 * rowStride + <usize>c2 * columnStride;
      storeLimited(t2, s20, s21, lanes, low, high);
      if (pixel + 3 >= pixels) continue;
      const t3 = to + <usize>r3 * rowStride + <usize>c3 * columnStride;
      storeLimited(t3, s30, s31, lanes, low, high);
    }
    panels += panel;
  }
}

/** Writes the first `count` of 8 values, none of them below `low` or above `high`. NaN stays NaN. */
function storeLimited(to: usize, left: v128, right: v128, count: i32, low: f32, high: f32): void {
  const lowest = f32x4.splat(low);
  const highest = f32x4.splat(high);
  left = f32x4.pmin(f32x4.pmax(left, lowest), highest);
  right = f32x4.pmin(f32x4.pmax(right, lowest), highest);
  storeEight(to, left, right, count);
}
