// Gradient of Winograd's convolutions with respect to their filter:
//   dFilter = G^T (sum over tiles of (B^T d B) * (A dY A^T)) G, with * by element
// Where the sum over pixels takes 36 multiplications for a tile of 2 x 2 and each pair of channels, this takes 16; of 4 x 4, 36 for 144.
import { multiplyAdd } from './multiply-add';
import { foldToTaps, spreadPixels } from './winograd-large';
import { elementBytes, elementsOf, firstPixel, rowBytesOf, transformTile } from './winograd-tiles';

/**
 * Of the sums (elements, eights of channels, depth, 8) of tiles `first .. first + count`: `blocks` eights from `firstBlock` on. Shapes as
 * for `winograd`, dY being (batch, rows, columns, channels), and scratch for its tiles with rows of {@link rowBytesOf}.
 */
export function winogradBackpropFilter(
  x: usize,
  dy: usize,
  sums: usize,
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
  side: i32,
  firstBlock: i32,
  blocks: i32,
): void {
  const elements = <usize>elementsOf(side);
  const depthBytes = (<usize>depth) << 2;
  const panel = (<usize>depth) << 5;
  const elementPanels = elementBytes((channels + 7) >> 3, panel);
  const own = sums + <usize>firstBlock * panel;
  const xRow = rowBytesOf(depthBytes);
  const yRow = rowBytesOf((<usize>blocks) << 5);
  const xElement = elementBytes(most, xRow);
  const yElement = elementBytes(most, yRow);
  const transformed = scratch + elements * depthBytes;
  const gradients = transformed + elements * xElement;
  const skipped = (<usize>firstBlock) << 5;
  const ownBytes = min((<usize>blocks) << 5, ((<usize>channels) << 2) - skipped);
  for (let element: usize = 0; element < elements; element++) {
    memory.fill(own + element * elementPanels, 0, <usize>blocks * panel);
  }
  for (let start = first; start < first + count; start += most) {
    const tiles = min(most, first + count - start);
    for (let tile = 0; tile < tiles; tile++) {
      const number = start + tile;
      const xTo = transformed + <usize>tile * xRow;
      transformTile(x, scratch, xTo, xElement, number, height, width, depth, rows, columns, padTop, padLeft, side);
      const yTo = gradients + <usize>tile * yRow;
      if (side === 4) spreadLarge(dy + skipped, yTo, yElement, number, rows, columns, channels, ownBytes);
      else spreadTile(dy + skipped, yTo, yElement, number, rows, columns, channels, ownBytes);
    }
    for (let element: usize = 0; element < elements; element++) {
      const a = transformed + element * xElement;
      const b = gradients + element * yElement;
      const to = own + element * elementPanels;
      for (let block: usize = 0; block < <usize>blocks; block++) {
        addProducts(a, xRow, b + (block << 5), yRow, to + block * panel, tiles, depthBytes);
      }
    }
  }
}

/** A dY A^T of one tile's 2 x 2 pixels, those that dY does not have being zero, to 16 times the channels in `ownBytes`. */
function spreadTile(
  dy: usize,
  to: usize,
  element: usize,
  tile: i32,
  rows: i32,
  columns: i32,
  channels: i32,
  ownBytes: usize,
): void {
  const pixel = firstPixel(tile, rows, columns, 2);
  const pixelBytes = (<usize>channels) << 2;
  const hasRight = (pixel % columns) + 1 < columns;
  const hasBelow = ((pixel / columns) % rows) + 1 < rows;
  const below = <usize>columns * pixelBytes;
  const zero = f32x4.splat(0);
  let from = dy + <usize>pixel * pixelBytes;
  const end = from + ownBytes;
  for (; from < end; from += 16) {
    const y00 = v128.load(from);
    const y01 = hasRight ? v128.load(from + pixelBytes) : zero;
    const y10 = hasBelow ? v128.load(from + below) : zero;
    const y11 = hasRight && hasBelow ? v128.load(from + below + pixelBytes) : zero;
    spreadRow(to, element, y00, y01);
    spreadRow(to + 4 * element, element, f32x4.add(y00, y10), f32x4.add(y01, y11));
    spreadRow(to + 8 * element, element, f32x4.sub(y00, y10), f32x4.sub(y01, y11));
    spreadRow(to + 12 * element, element, f32x4.neg(y10), f32x4.neg(y11));
    to += 16;
  }
}

/** The same of 4 x 4 pixels, to 36 times those channels. */
function spreadLarge(
  dy: usize,
  to: usize,
  element: usize,
  tile: i32,
  rows: i32,
  columns: i32,
  channels: i32,
  ownBytes: usize,
): void {
  const pixel = firstPixel(tile, rows, columns, 4);
  const down = rows - ((pixel / columns) % rows);
  const across = columns - (pixel % columns);
  const pixelBytes = (<usize>channels) << 2;
  const from = dy + <usize>pixel * pixelBytes;
  const zero = f32x4.splat(0);
  for (let at: usize = 0; at < ownBytes; at += 16) {
    for (let i = 0; i < 4; i++) {
      for (let j = 0; j < 4; j++) {
        const isThere = i < down && j < across;
        const value = isThere ? v128.load(from + at + <usize>(i * columns + j) * pixelBytes) : zero;
        v128.store(to + at + <usize>(6 * i + j) * element, value);
      }
    }
    spreadPixels(to + at, element);
  }
}

function spreadRow(to: usize, element: usize, left: v128, right: v128): void {
  v128.store(to, left);
  v128.store(to + element, f32x4.add(left, right));
  v128.store(to + 2 * element, f32x4.sub(left, right));
  v128.store(to + 3 * element, f32x4.neg(right));
}

/** c (depth, 8) += the sum over tiles of a (tiles, depth) by b (tiles, 8), four rows at a time. */
function addProducts(a: usize, aRow: usize, b: usize, bRow: usize, c: usize, tiles: i32, depthBytes: usize): void {
  for (let at: usize = 0; at < depthBytes; at += 16) {
    let s00 = v128.load(c);
    let s01 = v128.load(c, 16);
    let s10 = v128.load(c, 32);
    let s11 = v128.load(c, 48);
    let s20 = v128.load(c, 64);
    let s21 = v128.load(c, 80);
    let s30 = v128.load(c, 96);
    let s31 = v128.load(c, 112);
    let p = a + at;
    let q = b;
    for (let tile = 0; tile < tiles; tile++) {
      const b0 = v128.load(q);
      const b1 = v128.load(q, 16);
      const a0 = v128.load32_splat(p);
      s00 = multiplyAdd(a0, b0, s00);
      s01 = multiplyAdd(a0, b1, s01);
      const a1 = v128.load32_splat(p, 4);
      s10 = multiplyAdd(a1, b0, s10);
      s11 = multiplyAdd(a1, b1, s11);
      const a2 = v128.load32_splat(p, 8);
      s20 = multiplyAdd(a2, b0, s20);
      s21 = multiplyAdd(a2, b1, s21);
      const a3 = v128.load32_splat(p, 12);
      s30 = multiplyAdd(a3, b0, s30);
      s31 = multiplyAdd(a3, b1, s31);
      p += aRow;
      q += bRow;
    }
    v128.store(c, s00);
    v128.store(c, s01, 16);
    v128.store(c, s10, 32);
    v128.store(c, s11, 48);
    v128.store(c, s20, 64);
    v128.store(c, s21, 80);
    v128.store(c, s30, 96);
    v128.store(c, s31, 112);
    c += 128;
  }
}

/**
 * dFilter (3, 3, depth, channels) = G^T sums G, for `count` lines of the depth from `first` on; sums (elements, eights of channels,
 * depth, 8) are spent.
 */
export function winogradFilterGradient(
  sums: usize,
  dFilter: usize,
  depth: i32,
  channels: i32,
  side: i32,
  first: i32,
  count: i32,
): void {
  const pixelBytes = (<usize>channels) << 2;
  const panel = (<usize>depth) << 5;
  const element = elementBytes((channels + 7) >> 3, panel);
  const tap = <usize>depth * pixelBytes;
  for (let line = <usize>first; line < <usize>(first + count); line++) {
    for (let at: usize = 0; at < pixelBytes; at += 16) {
      const from = sums + (at >> 5) * panel + (line << 5) + (at & 16);
      const to = dFilter + line * pixelBytes + at;
      if (side === 4) {
        foldToTaps(from, element, to, tap);
        continue;
      }
      // Columns first, to where their first three rows were.
      for (let j: usize = 0; j < 4; j++) {
        fold(from + j * element, 4 * element, from + j * element, 4 * element);
      }
      for (let i: usize = 0; i < 3; i++) {
        fold(from + 4 * i * element, element, to + 3 * i * tap, tap);
      }
    }
  }
}

/** G^T of four values, to three. */
function fold(from: usize, apart: usize, to: usize, toApart: usize): void {
  const half = f32x4.splat(0.5);
  const u0 = v128.load(from);
  const u1 = f32x4.mul(v128.load(from + apart), half);
  const u2 = f32x4.mul(v128.load(from + 2 * apart), half);
  const u3 = v128.load(from + 3 * apart);
  const sum = f32x4.add(u1, u2);
  v128.store(to, f32x4.add(u0, sum));
  v128.store(to + toApart, f32x4.sub(u1, u2));
  v128.store(to + 2 * toApart, f32x4.add(sum, u3));
}
