// Matrix products: four rows by eight columns of the result at a time.
import { loadLanes, storeEight } from './lanes';

/** c (rows, columns) = a (rows, inner) b (inner, columns). `panel` is scratch for eight columns of b. */
export function matMul(a: usize, b: usize, c: usize, panel: usize, rows: i32, columns: i32, inner: i32): void {
  const rowBytes = (<usize>columns) << 2;
  for (let column = 0; column < columns; column += 8) {
    const offset = (<usize>column) << 2;
    packPanel(b + offset, panel, inner, rowBytes, columns - column);
    for (let row = 0; row < rows; row += 4) {
      const line = a + ((<usize>(row * inner)) << 2);
      multiplyTile(line, panel, c + <usize>row * rowBytes + offset, rows - row, columns - column, inner, rowBytes);
    }
  }
}

/** Eight columns of a matrix, one row after another; those from `columns` on are zero. */
export function packPanel(from: usize, panel: usize, rows: i32, rowBytes: usize, columns: i32): void {
  const zero = f32x4.splat(0);
  for (let row = 0; row < rows; row++) {
    v128.store(panel, loadLanes(from, columns));
    v128.store(panel, columns > 4 ? loadLanes(from + 16, columns - 4) : zero, 16);
    from += rowBytes;
    panel += 32;
  }
}

/** Past the last row the last one is computed again, and not written. */
function multiplyTile(a: usize, panel: usize, c: usize, rows: i32, columns: i32, inner: i32, rowBytes: usize): void {
  const aBytes = (<usize>inner) << 2;
  const a1 = a + <usize>min(1, rows - 1) * aBytes;
  const a2 = a + <usize>min(2, rows - 1) * aBytes;
  const a3 = a + <usize>min(3, rows - 1) * aBytes;
  let s00 = f32x4.splat(0);
  let s01 = s00;
  let s10 = s00;
  let s11 = s00;
  let s20 = s00;
  let s21 = s00;
  let s30 = s00;
  let s31 = s00;
  for (let at: usize = 0; at < aBytes; at += 4) {
    const b0 = v128.load(panel);
    const b1 = v128.load(panel, 16);
    const v0 = v128.load32_splat(a + at);
    s00 = f32x4.add(s00, f32x4.mul(v0, b0));
    s01 = f32x4.add(s01, f32x4.mul(v0, b1));
    const v1 = v128.load32_splat(a1 + at);
    s10 = f32x4.add(s10, f32x4.mul(v1, b0));
    s11 = f32x4.add(s11, f32x4.mul(v1, b1));
    const v2 = v128.load32_splat(a2 + at);
    s20 = f32x4.add(s20, f32x4.mul(v2, b0));
    s21 = f32x4.add(s21, f32x4.mul(v2, b1));
    const v3 = v128.load32_splat(a3 + at);
    s30 = f32x4.add(s30, f32x4.mul(v3, b0));
    s31 = f32x4.add(s31, f32x4.mul(v3, b1));
    panel += 32;
  }
  storeEight(c, s00, s01, columns);
  if (rows > 1) storeEight(c + rowBytes, s10, s11, columns);
  if (rows > 2) storeEight(c + 2 * rowBytes, s20, s21, columns);
  if (rows > 3) storeEight(c + 3 * rowBytes, s30, s31, columns);
}
