// Convolutions of 3 x 3 without strides, by Winograd's minimal filtering F(2 x 2, 3 x 3): 4 x 4 pixels of X ("a tile") give
// 2 x 2 of Y by 16 multiplications for each pair of channels, where the sum over the taps takes 36.
//   Y = A^T [(G g G^T) * (B^T d B)] A, with * by element; https://arxiv.org/abs/1509.09308
// B and A add and subtract alone, G halves: whole numbers stay whole. Of larger tiles the same is in winograd-large.ts.
import { panelBytes } from './convolve-tiles';
import { multiplyTiles } from './multiply-tiles';
import { foldToPixels, spreadTaps } from './winograd-large';
import { elementBytes, elementsOf, firstPixel, transformTile } from './winograd-tiles';

/**
 * G g G^T of `count` panels of {@link convolveTiles}, from `first` on, each of 9 taps:
 * u (elements, blocks, depth, 8), of which panels[block] gives u[:, block], and elements are as {@link elementBytes} says.
 */
export function winogradFilter(
  panels: usize,
  u: usize,
  depth: i32,
  blocks: i32,
  first: i32,
  count: i32,
  side: i32,
): void {
  const tap = (<usize>depth) << 5;
  const element = elementBytes(blocks, tap);
  const half = f32x4.splat(0.5);
  for (let block = first; block < first + count; block++) {
    const panel = panels + <usize>block * panelBytes(9 * depth) + 32;
    const target = u + <usize>block * tap;
    for (let at: usize = 0; at < tap; at += 16) {
      if (side === 4) {
        spreadTaps(panel + at, tap, target + at, element);
        continue;
      }
      // Columns of g, one after another, to rows of four; then those rows.
      for (let j: usize = 0; j < 3; j++) {
        const from = panel + j * tap + at;
        const g0 = v128.load(from);
        const g1 = v128.load(from + 3 * tap);
        const g2 = v128.load(from + 6 * tap);
        const outer = f32x4.mul(f32x4.add(g0, g2), half);
        const inner = f32x4.mul(g1, half);
        const to = target + j * element + at;
        v128.store(to, g0);
        v128.store(to + 4 * element, f32x4.add(outer, inner));
        v128.store(to + 8 * element, f32x4.sub(outer, inner));
        v128.store(to + 12 * element, g2);
      }
      for (let i: usize = 0; i < 4; i++) {
        const to = target + 4 * i * element + at;
        const g0 = v128.load(to);
        const g1 = v128.load(to + element);
        const g2 = v128.load(to + 2 * element);
        const outer = f32x4.mul(f32x4.add(g0, g2), half);
        const inner = f32x4.mul(g1, half);
        v128.store(to + element, f32x4.add(outer, inner));
        v128.store(to + 2 * element, f32x4.sub(outer, inner));
        v128.store(to + 3 * element, g2);
      }
    }
  }
}

/**
 * Y = X convolved, for tiles `first .. first + count` of those of all images, row by row. X is (batch, height, width,
 * depth) and Y (batch, rows, columns, channels), both of channels in fours. `panels` holds what sums start from,
 * `u` the filter of {@link winogradFilter}. `scratch` is for the pixels of X of a tile, and for `most` tiles, a multiple of four, twice:
 * for each element (most, depth) and (most, channels rounded up to eights), as {@link elementBytes} says.
 */
export function winograd(
  x: usize,
  panels: usize,
  u: usize,
  y: usize,
  scratch: usize,
  first: i32,
  count: i32,
  most: i32,
  height: i32,
  width: i32,
  depth: i32,
  rows: i32,
  columns: i32,
  channels: i32,
  padTop: i32,
  padLeft: i32,
  low: f32,
  high: f32,
  side: i32,
): void {
  const elements = <usize>elementsOf(side);
  const blocks = (channels + 7) >> 3;
  const depthBytes = (<usize>depth) << 2;
  const resultBytes = (<usize>blocks) << 5;
  const uElement = elementBytes(blocks, depthBytes << 3);
  const xElement = elementBytes(most, depthBytes);
  const yElement = elementBytes(most, resultBytes);
  const transformed = scratch + elements * depthBytes;
  const products = transformed + elements * xElement;
  for (let start = first; start < first + count; start += most) {
    const tiles = min(most, first + count - start);
    for (let tile = 0; tile < tiles; tile++) {
      const to = transformed + <usize>tile * depthBytes;
      transformTile(x, scratch, to, xElement, start + tile, height, width, depth, rows, columns, padTop, padLeft, side);
    }
    for (let element: usize = 0; element < elements; element++) {
      const a = transformed + element * xElement;
      const c = products + element * yElement;
      for (let block: usize = 0; block < <usize>blocks; block++) {
        const panel = u + element * uElement + block * (depthBytes << 3);
        multiplyTiles(a, panel, c + (block << 5), tiles, depthBytes, resultBytes);
      }
    }
    for (let tile = 0; tile < tiles; tile++) {
      const from = products + <usize>tile * resultBytes;
      const panel = panelBytes(9 * depth);
      if (side === 4) storeLarge(from, yElement, panels, panel, y, start + tile, rows, columns, channels, low, high);
      else storeTile(from, yElement, panels, panel, y, start + tile, rows, columns, channels, low, high);
    }
  }
}

/** A^T m A of one tile, the elements of which are `element` bytes apart, to those of its 2 x 2 pixels that Y has. */
function storeTile(
  from: usize,
  element: usize,
  panels: usize,
  panel: usize,
  y: usize,
  tile: i32,
  rows: i32,
  columns: i32,
  channels: i32,
  low: f32,
  high: f32,
): void {
  const pixel = firstPixel(tile, rows, columns, 2);
  const pixelBytes = (<usize>channels) << 2;
  const rowBytes = <usize>columns * pixelBytes;
  // Pixels that Y does not have are written where those are that it has, and before them.
  const right = (pixel % columns) + 1 < columns ? pixelBytes : 0;
  const below = ((pixel / columns) % rows) + 1 < rows ? rowBytes : 0;
  const lowest = f32x4.splat(low);
  const highest = f32x4.splat(high);
  let to = y + <usize>pixel * pixelBytes;
  const end = to + pixelBytes;
  for (let lanes: usize = 0; to < end; to += 16) {
    const first = v128.load(panels + lanes);
    let y00 = first;
    let y01 = first;
    let y10 = first;
    let y11 = first;
    let m = from;
    let m1 = v128.load(m + element);
    let m2 = v128.load(m + 2 * element);
    y00 = f32x4.add(y00, f32x4.add(f32x4.add(v128.load(m), m1), m2));
    y01 = f32x4.add(y01, f32x4.sub(f32x4.sub(m1, m2), v128.load(m + 3 * element)));
    m += element << 2;
    m1 = v128.load(m + element);
    m2 = v128.load(m + 2 * element);
    let s = f32x4.add(f32x4.add(v128.load(m), m1), m2);
    let t = f32x4.sub(f32x4.sub(m1, m2), v128.load(m + 3 * element));
    y00 = f32x4.add(y00, s);
    y01 = f32x4.add(y01, t);
    y10 = f32x4.add(y10, s);
    y11 = f32x4.add(y11, t);
    m += element << 2;
    m1 = v128.load(m + element);
    m2 = v128.load(m + 2 * element);
    s = f32x4.add(f32x4.add(v128.load(m), m1), m2);
    t = f32x4.sub(f32x4.sub(m1, m2), v128.load(m + 3 * element));
    y00 = f32x4.add(y00, s);
    y01 = f32x4.add(y01, t);
    y10 = f32x4.sub(y10, s);
    y11 = f32x4.sub(y11, t);
    m += element << 2;
    m1 = v128.load(m + element);
    m2 = v128.load(m + 2 * element);
    y10 = f32x4.sub(y10, f32x4.add(f32x4.add(v128.load(m), m1), m2));
    y11 = f32x4.sub(y11, f32x4.sub(f32x4.sub(m1, m2), v128.load(m + 3 * element)));
    v128.store(to + below + right, f32x4.pmin(f32x4.pmax(y11, lowest), highest));
    v128.store(to + below, f32x4.pmin(f32x4.pmax(y10, lowest), highest));
    v128.store(to + right, f32x4.pmin(f32x4.pmax(y01, lowest), highest));
    v128.store(to, f32x4.pmin(f32x4.pmax(y00, lowest), highest));
    from += 16;
    lanes += 16;
    if (lanes === 32) {
      lanes = 0;
      panels += panel;
    }
  }
}

/** The same for tiles of 4 x 4 pixels. Their elements are spent. */
function storeLarge(
  from: usize,
  element: usize,
  panels: usize,
  panel: usize,
  y: usize,
  tile: i32,
  rows: i32,
  columns: i32,
  channels: i32,
  low: f32,
  high: f32,
): void {
  const pixel = firstPixel(tile, rows, columns, 4);
  const down = min(4, rows - ((pixel / columns) % rows));
  const across = min(4, columns - (pixel % columns));
  const pixelBytes = (<usize>channels) << 2;
  const lowest = f32x4.splat(low);
  const highest = f32x4.splat(high);
  const to = y + <usize>pixel * pixelBytes;
  for (let at: usize = 0; at < pixelBytes; at += 16) {
    foldToPixels(from + at, element);
    const first = v128.load(panels + (at >> 5) * panel + (at & 16));
    for (let i = 0; i < down; i++) {
      for (let j = 0; j < across; j++) {
        const sum = f32x4.add(first, v128.load(from + at + <usize>(6 * i + j) * element));
        v128.store(to + at + <usize>(i * columns + j) * pixelBytes, f32x4.pmin(f32x4.pmax(sum, lowest), highest));
      }
    }
  }
}
