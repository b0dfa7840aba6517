// What Winograd's convolutions do to X: tiles that overlap by two pixels, and B^T d B of each. A tile gives `side` x `side` pixels of
// Y, 2 or 4 each way.
import { packWindow } from './pack';
import { transformPixels } from './winograd-large';

/** Elements of a transformed tile: as many as pixels of X. */
export function elementsOf(side: i32): i32 {
  return (side + 2) * (side + 2);
}

/** Bytes between elements: without them they would lie powers of two apart, in the same few lines of the cache. */
export const APART: usize = 64;

/** Values that lie behind one another in `bytes`, for each element of up to `most` tiles. */
export function elementBytes(most: i32, bytes: usize): usize {
  return <usize>most * bytes + APART;
}

/** Bytes between the rows of a matrix of which columns are read: in every other line of the cache they would push each other out. */
export function rowBytesOf(bytes: usize): usize {
  return (bytes & 1023) === 0 ? bytes + 64 : bytes;
}

/** Where the pixels of a tile begin, in images (batch, rows, columns) that are cut into such tiles row by row. */
export function firstPixel(tile: i32, rows: i32, columns: i32, side: i32): i32 {
  const across = (columns + side - 1) / side;
  const down = (rows + side - 1) / side;
  const line = tile / across; // of tiles, in all images
  const image = line / down;
  return (image * rows + side * (line - image * down)) * columns + side * (tile - line * across);
}

/** B^T d B of one tile to as many times (depth) as it has elements, `element` bytes apart. `patch` is scratch for a tile with a border. */
export function transformTile(
  x: usize,
  patch: usize,
  to: usize,
  element: usize,
  tile: i32,
  height: i32,
  width: i32,
  depth: i32,
  rows: i32,
  columns: i32,
  padTop: i32,
  padLeft: i32,
  side: i32,
): void {
  const pixel = firstPixel(tile, rows, columns, side);
  const reach = side + 2;
  const line = pixel / columns;
  const image = line / rows;
  const top = line - image * rows - padTop;
  const left = pixel - line * columns - padLeft;
  const pixelBytes = (<usize>depth) << 2;
  const imageAt = x + <usize>(image * height * width) * pixelBytes;
  let from = imageAt + <usize>(top * width + left) * pixelBytes;
  let rowBytes = <usize>width * pixelBytes;
  if (top < 0 || left < 0 || top + reach > height || left + reach > width) {
    packWindow(imageAt, patch, height, width, depth, top, left, reach, reach);
    from = patch;
    rowBytes = <usize>reach * pixelBytes;
  }
  if (side === 4) {
    transformPixels(from, rowBytes, pixelBytes, to, element);
    return;
  }
  const row1 = from + rowBytes;
  const row2 = row1 + rowBytes;
  transformRow(from, row2, pixelBytes, to, element);
  transformSum(row1, row2, pixelBytes, to + 4 * element, element);
  transformRow(row2, row1, pixelBytes, to + 8 * element, element);
  transformRow(row1, row2 + rowBytes, pixelBytes, to + 12 * element, element);
}

/** A row of (d B), d being the difference of two rows of four pixels. */
function transformRow(p: usize, q: usize, pixelBytes: usize, to: usize, element: usize): void {
  const end = p + pixelBytes;
  for (; p < end; p += 16) {
    const second = pixelBytes << 1;
    const d0 = f32x4.sub(v128.load(p), v128.load(q));
    const d1 = f32x4.sub(v128.load(p + pixelBytes), v128.load(q + pixelBytes));
    const d2 = f32x4.sub(v128.load(p + second), v128.load(q + second));
    const d3 = f32x4.sub(v128.load(p + second + pixelBytes), v128.load(q + second + pixelBytes));
    storeRow(to, element, d0, d1, d2, d3);
    q += 16;
    to += 16;
  }
}

/** The same, d being their sum. */
function transformSum(p: usize, q: usize, pixelBytes: usize, to: usize, element: usize): void {
  const end = p + pixelBytes;
  for (; p < end; p += 16) {
    const second = pixelBytes << 1;
    const d0 = f32x4.add(v128.load(p), v128.load(q));
    const d1 = f32x4.add(v128.load(p + pixelBytes), v128.load(q + pixelBytes));
    const d2 = f32x4.add(v128.load(p + second), v128.load(q + second));
    const d3 = f32x4.add(v128.load(p + second + pixelBytes), v128.load(q + second + pixelBytes));
    storeRow(to, element, d0, d1, d2, d3);
    q += 16;
    to += 16;
  }
}

function storeRow(to: usize, element: usize, d0: v128, d1: v128, d2: v128, d3: v128): void {
  v128.store(to, f32x4.sub(d0, d2));
  v128.store(to + element, f32x4.add(d1, d2));
  v128.store(to + 2 * element, f32x4.sub(d2, d1));
  v128.store(to + 3 * element, f32x4.sub(d1, d3));
}
