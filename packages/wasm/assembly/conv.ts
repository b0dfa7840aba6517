// Convolutions forward.
import { convolveTiles, panelBytes } from './convolve-tiles';
import { loadLanes } from './lanes';
import { packPanel } from './mat-mul';
import { packWindow } from './pack';

/**
 * Panels of {@link convolveTiles} of a filter (terms, channels), where terms are those of height, width and in channels,
 * for channels `first .. first + count`; without a `bias` (channels), of address 0, sums start from zero.
 */
export function packFilter(
  filter: usize,
  bias: usize,
  panels: usize,
  terms: i32,
  channels: i32,
  first: i32,
  count: i32,
): void {
  const zero = f32x4.splat(0);
  for (let channel = first; channel < first + count; channel += 8) {
    const offset = (<usize>channel) << 2;
    const lanes = channels - channel;
    const panel = panels + <usize>(channel >> 3) * panelBytes(terms);
    v128.store(panel, bias ? loadLanes(bias + offset, lanes) : zero);
    v128.store(panel, bias && lanes > 4 ? loadLanes(bias + offset + 16, lanes - 4) : zero, 16);
    packPanel(filter + offset, panel + 32, terms, (<usize>channels) << 2, lanes);
  }
}

/**
 * Y[y] = sum over taps k of X[y * stride + k * dilation - pad] filter[k], of images (height, width, inChannels) to
 * images of `rows` by `columns`. `window` is scratch for what one image of Y reads, or 0 where X has no padding.
 */
export function convolve(
  x: usize,
  panels: usize,
  y: usize,
  window: usize,
  batch: i32,
  height: i32,
  width: i32,
  inChannels: i32,
  rows: i32,
  columns: i32,
  outChannels: i32,
  filterHeight: i32,
  filterWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  dilationHeight: i32,
  dilationWidth: i32,
  padTop: i32,
  padLeft: i32,
  low: f32,
  high: f32,
): void {
  const windowRows = (rows - 1) * strideHeight + (filterHeight - 1) * dilationHeight + 1;
  const windowColumns = (columns - 1) * strideWidth + (filterWidth - 1) * dilationWidth + 1;
  const pixelBytes = (<usize>inChannels) << 2;
  const rowBytes = <usize>(window ? windowColumns : width) * pixelBytes;
  const outPixelBytes = (<usize>outChannels) << 2;
  const imageBytes = <usize>(height * width) * pixelBytes;
  for (let image = 0; image < batch; image++) {
    if (window) packWindow(x, window, height, width, inChannels, -padTop, -padLeft, windowRows, windowColumns);
    convolveTiles(
      window ? window : x - <usize>(padTop * width + padLeft) * pixelBytes,
      panels,
      y,
      rows,
      columns,
      <usize>strideHeight * rowBytes,
      <usize>strideWidth * pixelBytes,
      filterHeight,
      filterWidth,
      <usize>dilationHeight * rowBytes,
      <usize>dilationWidth * pixelBytes,
      inChannels,
      outChannels,
      <usize>columns * outPixelBytes,
      outPixelBytes,
      low,
      high,
    );
    x += imageBytes;
    y += <usize>(rows * columns) * outPixelBytes;
  }
}
