// Matrix products: four rows by eight columns of the result at a time.
import { loadLanes, storeEight } from './lanes';
import { multiplyAdd } from './multiply-add';

/** c (rows, columns) = a (rows, inner) b (inner, columns). `panel` is scratch for eight columns of b. */
export function matMul(a: usize, b: usize, c: usize, panel: usize, rows: i32, columns: i32, inner: i32): void {
  const rowBytes = (<usize>columns) << 2;
  if (inner === 0) {
    memory.fill(c, 0, <usize>rows * rowBytes);
    return;
  }
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

/**
 * Past the last row the last one is computed again, and not written. The loop looks at its end last, and so wants an inner axis: where
 * there may be no first iteration, V8 makes what leads to it anew in every one, the multiplications of addresses too.
 */
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
  let at: usize = 0;
  do {
    const b0 = v128.load(panel);
    const b1 = v128.load(panel, 16);
    const v0 = v128.load32_splat(a + at);
    s00 = multiplyAdd(v0, b0, s00);
    s01 = multiplyAdd(v0, b1, s01);
    const v1 = v128.load32_splat(a1 + at);
    s10 = multiplyAdd(v1, b0, s10);
    s11 = multiplyAdd(v1, b1, s11);
    const v2 = v128.load32_splat(a2 + at);
    s20 = multiplyAdd(v2, b0, s20);
    s21 = multiplyAdd(v2, b1, s21);
    const v3 = v128.load32_splat(a3 + at);
    s30 = multiplyAdd(v3, b0, s30);
    s31 = multiplyAdd(v3, b1, s31);
    panel += 32;
    at += 4;
  } while (at < aBytes);
  storeEight(c, s00, s01, columns);
  if (rows > 1) storeEight(c + rowBytes, s10, s11, columns);
  if (rows > 2) storeEight(c + 2 * rowBytes, s20, s21, columns);
  if (rows > 3) storeEight(c + 3 * rowBytes, s30, s31, columns);
}
