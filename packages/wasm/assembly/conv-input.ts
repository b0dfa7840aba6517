// Gradient of a convolution with respect to its input. The pixels of dX whose place modulo the stride is the same form a
// phase: each phase is a plain convolution of dY with those taps of the filter that reach it, so no zero is multiplied.
import { storeLanes } from './lanes';
import { packWindow } from './pack';

/**
 * Taps `firstRow, firstRow + strideHeight, ...` of a filter (height, width, in, out), flipped, as
 * (in / 8, taps of the phase, out, 8): what {@link convolveTiles} multiplies by.
 */
function packPhaseFilter(
  filter: usize,
  target: usize,
  filterWidth: i32,
  inChannels: i32,
  outChannels: i32,
  firstRow: i32,
  firstColumn: i32,
  strideHeight: i32,
  strideWidth: i32,
  tapRows: i32,
  tapColumns: i32,
): void {
  const rowBytes = (<usize>outChannels) << 2;
  for (let block = 0; block < inChannels; block += 8) {
    for (let i = tapRows - 1; i >= 0; i--) {
      for (let j = tapColumns - 1; j >= 0; j--) {
        const tap = (firstRow + i * strideHeight) * filterWidth + firstColumn + j * strideWidth;
        const from = filter + <usize>(tap * inChannels + block) * rowBytes;
        for (let lane = 0; lane < 8; lane++) {
          const inside = block + lane < inChannels;
          const line = from + <usize>lane * rowBytes;
          let to = target + ((<usize>lane) << 2);
          for (let o = 0; o < outChannels; o++) {
            store<f32>(to, inside ? load<f32>(line + ((<usize>o) << 2)) : 0);
            to += 32;
          }
        }
        target += rowBytes << 3;
      }
    }
  }
}

/** Writes the first `count` of 8 values, all of them from `count` 8 on. */
function storeEight(to: usize, low: v128, high: v128, count: i32): void {
  storeLanes(to, low, count);
  if (count > 4) storeLanes(to + 16, high, count - 4);
}

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

/**
 * dX[u - pad] = sum over taps k and y with y * stride + k * dilation = u of dY[y] filter[k]^T, in both directions.
 * `window` is scratch for one padded image of dY, `panels` for one phase's filter.
 */
export function convBackpropInput(
  dy: usize,
  filter: usize,
  dx: usize,
  window: usize,
  panels: usize,
  batch: i32,
  height: i32,
  width: i32,
  inChannels: i32,
  outHeight: i32,
  outWidth: i32,
  outChannels: i32,
  filterHeight: i32,
  filterWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  dilationHeight: i32,
  dilationWidth: i32,
  padTop: i32,
  padLeft: i32,
): void {
  const pixelBytes = (<usize>inChannels) << 2;
  const imageBytes = <usize>(height * width) * pixelBytes;
  const dyImageBytes = (<usize>(outHeight * outWidth * outChannels)) << 2;
  for (let phaseY = 0; phaseY < strideHeight; phaseY++) {
    // The phase's pixels are u = stride * m + phase for m = m0 .. m0 + rows.
    const tapRows = max(0, (filterHeight - phaseY + strideHeight - 1) / strideHeight);
    const firstRow = ceilDivide(padTop - phaseY, strideHeight);
    const rows = ceilDivide(padTop + height - phaseY, strideHeight) - firstRow;
    for (let phaseX = 0; phaseX < strideWidth; phaseX++) {
      const tapColumns = max(0, (filterWidth - phaseX + strideWidth - 1) / strideWidth);
      const firstColumn = ceilDivide(padLeft - phaseX, strideWidth);
      const columns = ceilDivide(padLeft + width - phaseX, strideWidth) - firstColumn;
      if (rows <= 0 || columns <= 0) continue;
      const reachRows = (tapRows - 1) * dilationHeight;
      const reachColumns = (tapColumns - 1) * dilationWidth;
      const origin =
        dx +
        <usize>((firstRow * strideHeight + phaseY - padTop) * width + firstColumn * strideWidth + phaseX - padLeft) *
          pixelBytes;
      packPhaseFilter(
        filter,
        panels,
        filterWidth,
        inChannels,
        outChannels,
        phaseY,
        phaseX,
        strideHeight,
        strideWidth,
        tapRows,
        tapColumns,
      );
      for (let image = 0; image < batch; image++) {
        if (tapRows > 0 && tapColumns > 0) {
          packWindow(
            dy + <usize>image * dyImageBytes,
            window,
            outHeight,
            outWidth,
            outChannels,
            firstRow - reachRows,
            firstColumn - reachColumns,
            rows + reachRows,
            columns + reachColumns,
          );
        }
        convolveTiles(
          window,
          panels,
          origin + <usize>image * imageBytes,
          rows,
          columns,
          columns + reachColumns,
          tapRows,
          tapColumns,
          dilationHeight,
          dilationWidth,
          inChannels,
          outChannels,
          <usize>(strideHeight * width) * pixelBytes,
          <usize>strideWidth * pixelBytes,
        );
      }
    }
  }
}

function ceilDivide(a: i32, b: i32): i32 {
  return a > 0 ? (a + b - 1) / b : -(-a / b);
}
