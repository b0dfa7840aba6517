// Gradient of a convolution with respect to its input. The pixels of dX whose place modulo the stride is the same form a
// phase: each phase is a plain convolution of dY with those taps of the filter that reach it, so no zero is multiplied.
import { convolveTiles, panelBytes } from './convolve-tiles';
import { packWindow } from './pack';

/**
 * Taps `firstRow, firstRow + strideHeight, ...` of a filter (height, width, in, out), flipped, as panels of
 * {@link convolveTiles}: (in / 8, zeros and then taps of the phase, out, 8).
 */
function packPhaseFilter(
  filter: usize,
  target: usize,
  firstChannel: i32,
  lastChannel: i32,
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
  for (let block = firstChannel; block < lastChannel; block += 8) {
    memory.fill(target, 0, 32);
    target += 32;
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

/**
 * All taps of a filter, flipped, as panels of {@link convolveTiles} for in channels `first .. first + count`: by these, dY is
 * convolved to the gradient of a convolution without strides.
 */
export function packFlippedFilter(
  filter: usize,
  panels: usize,
  filterHeight: i32,
  filterWidth: i32,
  inChannels: i32,
  outChannels: i32,
  first: i32,
  count: i32,
): void {
  const target = panels + <usize>(first >> 3) * panelBytes(filterHeight * filterWidth * outChannels);
  const last = min(inChannels, first + count);
  packPhaseFilter(
    filter,
    target,
    first,
    last,
    filterWidth,
    inChannels,
    outChannels,
    0,
    0,
    1,
    1,
    filterHeight,
    filterWidth,
  );
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
  const dyPixelBytes = (<usize>outChannels) << 2;
  const dyImageBytes = <usize>(outHeight * outWidth) * dyPixelBytes;
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
      const windowRowBytes = <usize>(columns + reachColumns) * dyPixelBytes;
      const origin =
        dx +
        <usize>((firstRow * strideHeight + phaseY - padTop) * width + firstColumn * strideWidth + phaseX - padLeft) *
          pixelBytes;
      packPhaseFilter(
        filter,
        panels,
        0,
        inChannels,
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
          windowRowBytes,
          dyPixelBytes,
          tapRows,
          tapColumns,
          <usize>dilationHeight * windowRowBytes,
          <usize>dilationWidth * dyPixelBytes,
          outChannels,
          inChannels,
          <usize>(strideHeight * width) * pixelBytes,
          <usize>strideWidth * pixelBytes,
          -Infinity,
          Infinity,
        );
      }
    }
  }
}

function ceilDivide(a: i32, b: i32): i32 {
  return a > 0 ? (a + b - 1) / b : -(-a / b);
}
