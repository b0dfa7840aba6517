// The inner loop of a filter's gradient: four input by eight output channels of one tap at a time.
import { multiplyAdd } from './multiply-add';

/**
 * Adds x^T dy of one tap for 4 input and 8 output channels to the 4 x 8 sums at `sums`.
 * `x` holds 4 lanes a pixel, `dy` 8; all strides in bytes.
 */
export function addOuterProducts(
  x: usize,
  dy: usize,
  sums: usize,
  images: i32,
  rows: i32,
  columns: i32,
  imageStride: usize,
  rowStride: usize,
  columnStride: usize,
): void {
  // From zero in every pass: a running sum of all pixels would round off more and more.
  let s00 = f32x4.splat(0);
  let s01 = s00;
  let s10 = s00;
  let s11 = s00;
  let s20 = s00;
  let s21 = s00;
  let s30 = s00;
  let s31 = s00;
  for (let image = 0; image < images; image++) {
    let xRow = x + <usize>image * imageStride;
    for (let row = 0; row < rows; row++) {
      let at = xRow;
      for (let column = 0; column < columns; column++) {
        const d0 = v128.load(dy);
        const d1 = v128.load(dy, 16);
        const x0 = v128.load32_splat(at);
        s00 = multiplyAdd(x0, d0, s00);
        s01 = multiplyAdd(x0, d1, s01);
        const x1 = v128.load32_splat(at, 4);
        s10 = multiplyAdd(x1, d0, s10);
        s11 = multiplyAdd(x1, d1, s11);
        const x2 = v128.load32_splat(at, 8);
        s20 = multiplyAdd(x2, d0, s20);
        s21 = multiplyAdd(x2, d1, s21);
        const x3 = v128.load32_splat(at, 12);
        s30 = multiplyAdd(x3, d0, s30);
        s31 = multiplyAdd(x3, d1, s31);
        at += columnStride;
        dy += 32;
      }
      xRow += rowStride;
    }
  }
  v128.store(sums, f32x4.add(v128.load(sums), s00));
  v128.store(sums, f32x4.add(v128.load(sums, 16), s01), 16);
  v128.store(sums, f32x4.add(v128.load(sums, 32), s10), 32);
  v128.store(sums, f32x4.add(v128.load(sums, 48), s11), 48);
  v128.store(sums, f32x4.add(v128.load(sums, 64), s20), 64);
  v128.store(sums, f32x4.add(v128.load(sums, 80), s21), 80);
  v128.store(sums, f32x4.add(v128.load(sums, 96), s30), 96);
  v128.store(sums, f32x4.add(v128.load(sums, 112), s31), 112);
}
