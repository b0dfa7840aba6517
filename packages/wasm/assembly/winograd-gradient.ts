// Gradient of Winograd's convolutions with respect to their filter:
//   dFilter = G^T (sum over tiles of (B^T d B) * (A dY A^T)) G, with * by element
// Where the sum over pixels takes 36 multiplications for a tile and each pair of channels, this takes 16.
import { multiplyAdd } from './multiply-add';
import { ELEMENTS, elementBytes, firstPixel, transformTile } from './winograd-tiles';

/**
 * sums (16, depth, channels rounded up to eights) of tiles `first .. first + count`; shapes and scratch as for
 * `winograd`, dY being (batch, rows, columns, channels).
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
): void {
  const depthBytes = (<usize>depth) << 2;
  const resultBytes = (<usize>((channels + 7) >> 3)) << 5;
  const xElement = elementBytes(most, depthBytes);
  const yElement = elementBytes(most, resultBytes);
  const transformed = scratch + <usize>ELEMENTS * depthBytes;
  const gradients = transformed + <usize>ELEMENTS * xElement;
  memory.fill(sums, 0, <usize>(ELEMENTS * depth) * resultBytes);
  for (let start = first; start < first + count; start += most) {
    const tiles = min(most, first + count - start);
    for (let tile = 0; tile < tiles; tile++) {
      const xTo = transformed + <usize>tile * depthBytes;
      transformTile(x, scratch, xTo, xElement, start + tile, height, width, depth, rows, columns, padTop, padLeft);
      spreadTile(dy, gradients + <usize>tile * resultBytes, yElement, start + tile, rows, columns, channels);
    }
    for (let element: usize = 0; element < <usize>ELEMENTS; element++) {
      const a = transformed + element * xElement;
      const b = gradients + element * yElement;
      const to = sums + element * <usize>depth * resultBytes;
      for (let block: usize = 0; block < resultBytes; block += 32) {
        addProducts(a, b + block, to + block, tiles, depthBytes, resultBytes);
      }
    }
  }
}

/** A dY A^T of one tile's 2 x 2 pixels, those that dY does not have being zero, to 16 times (channels). */
function spreadTile(dy: usize, to: usize, element: usize, tile: i32, rows: i32, columns: i32, channels: i32): void {
  const pixel = firstPixel(tile, rows, columns);
  const pixelBytes = (<usize>channels) << 2;
  const hasRight = (pixel % columns) + 1 < columns;
  const hasBelow = ((pixel / columns) % rows) + 1 < rows;
  const below = <usize>columns * pixelBytes;
  const zero = f32x4.splat(0);
  let from = dy + <usize>pixel * pixelBytes;
  const end = from + pixelBytes;
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

function spreadRow(to: usize, element: usize, left: v128, right: v128): void {
  v128.store(to, left);
  v128.store(to + element, f32x4.add(left, right));
  v128.store(to + 2 * element, f32x4.sub(left, right));
  v128.store(to + 3 * element, f32x4.neg(right));
}

/** c (depth, 8) += the sum over tiles of a (tiles, depth) by b (tiles, 8), four rows at a time. */
function addProducts(a: usize, b: usize, c: usize, tiles: i32, depthBytes: usize, resultBytes: usize): void {
  for (let at: usize = 0; at < depthBytes; at += 16) {
    const c1 = c + resultBytes;
    const c2 = c1 + resultBytes;
    const c3 = c2 + resultBytes;
    let s00 = v128.load(c);
    let s01 = v128.load(c, 16);
    let s10 = v128.load(c1);
    let s11 = v128.load(c1, 16);
    let s20 = v128.load(c2);
    let s21 = v128.load(c2, 16);
    let s30 = v128.load(c3);
    let s31 = v128.load(c3, 16);
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
      p += depthBytes;
      q += resultBytes;
    }
    v128.store(c, s00);
    v128.store(c, s01, 16);
    v128.store(c1, s10);
    v128.store(c1, s11, 16);
    v128.store(c2, s20);
    v128.store(c2, s21, 16);
    v128.store(c3, s30);
    v128.store(c3, s31, 16);
    c = c3 + resultBytes;
  }
}

/** dFilter (3, 3, depth, channels) = G^T sums G; sums (16, depth, channels rounded up to eights) are spent. */
export function winogradFilterGradient(sums: usize, dFilter: usize, depth: i32, channels: i32): void {
  const pixelBytes = (<usize>channels) << 2;
  const resultBytes = (<usize>((channels + 7) >> 3)) << 5;
  const element = <usize>depth * resultBytes;
  const tap = <usize>depth * pixelBytes;
  for (let line: usize = 0; line < <usize>depth; line++) {
    for (let at: usize = 0; at < pixelBytes; at += 16) {
      const from = sums + line * resultBytes + at;
      // Columns first, to where their first three rows were.
      for (let j: usize = 0; j < 4; j++) {
        fold(from + j * element, 4 * element, from + j * element, 4 * element);
      }
      for (let i: usize = 0; i < 3; i++) {
        fold(from + 4 * i * element, element, dFilter + 3 * i * tap + line * pixelBytes + at, tap);
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
