// The inner loop of convolutions and of matrix products: four pixels by eight channels of the result at a time.
import { storeEight } from './lanes';

/**
 * One phase of one image: convolves the padded dY at `window` (window rows, windowColumns, outChannels) with `filter`,
 * 4 pixels by 8 channels at a time, and writes pixel (row, column) to dx + row * rowStride + column * columnStride.
 */
export function convolveTiles(
  window: usize,
  filter: usize,
  dx: usize,
  rows: i32,
  columns: i32,
  windowColumns: i32,
  tapRows: i32,
  tapColumns: i32,
  dilationHeight: i32,
  dilationWidth: i32,
  inChannels: i32,
  outChannels: i32,
  rowStride: usize,
  columnStride: usize,
): void {
  const pixelBytes = (<usize>outChannels) << 2;
  const panelBytes = <usize>(tapRows * tapColumns) * (pixelBytes << 3);
  const pixels = rows * columns;
  for (let block = 0; block < inChannels; block += 8) {
    const lanes = inChannels - block;
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
      const p0 = window + <usize>(r0 * windowColumns + c0) * pixelBytes;
      const p1 = window + <usize>(r1 * windowColumns + c1) * pixelBytes;
      const p2 = window + <usize>(r2 * windowColumns + c2) * pixelBytes;
      const p3 = window + <usize>(r3 * windowColumns + c3) * pixelBytes;
      let s00 = f32x4.splat(0);
      let s01 = s00;
      let s10 = s00;
      let s11 = s00;
      let s20 = s00;
      let s21 = s00;
      let s30 = s00;
      let s31 = s00;
      let w = filter;
      for (let i = 0; i < tapRows; i++) {
        for (let j = 0; j < tapColumns; j++) {
          let at = <usize>(i * dilationHeight * windowColumns + j * dilationWidth) * pixelBytes;
          const end = at + pixelBytes;
          for (; at < end; at += 4) {
            const w0 = v128.load(w);
            const w1 = v128.load(w, 16);
            const d0 = v128.load32_splat(p0 + at);
            s00 = f32x4.add(s00, f32x4.mul(d0, w0));
            s01 = f32x4.add(s01, f32x4.mul(d0, w1));
            const d1 = v128.load32_splat(p1 + at);
            s10 = f32x4.add(s10, f32x4.mul(d1, w0));
            s11 = f32x4.add(s11, f32x4.mul(d1, w1));
            const d2 = v128.load32_splat(p2 + at);
            s20 = f32x4.add(s20, f32x4.mul(d2, w0));
            s21 = f32x4.add(s21, f32x4.mul(d2, w1));
            const d3 = v128.load32_splat(p3 + at);
            s30 = f32x4.add(s30, f32x4.mul(d3, w0));
            s31 = f32x4.add(s31, f32x4.mul(d3, w1));
            w += 32;
          }
        }
      }
      const to = dx + ((<usize>block) << 2);
      storeEight(to + <usize>r0 * rowStride + <usize>c0 * columnStride, s00, s01, lanes);
      if (pixel + 1 < pixels) storeEight(to + <usize>r1 * rowStride + <usize>c1 * columnStride, s10, s11, lanes);
      if (pixel + 2 < pixels) storeEight(to + <usize>r2 * rowStride + <usize>c2 * columnStride, s20, s21, lanes);
      if (pixel + 3 < pixels) storeEight(to + <usize>r3 * rowStride + <usize>c3 * columnStride, s30, s31, lanes);
    }
    filter += panelBytes;
  }
}
