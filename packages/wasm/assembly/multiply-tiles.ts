// The inner loop of products whose operands were laid out for it.
import { multiplyAdd } from './multiply-add';

/**
 * c (rows, 8) = a (rows, depth) by a panel (depth, 8). Rows of c are `resultBytes` apart. They are made four at a time, and where two or
 * three are left, four as well: both must have room for these.
 */
export function multiplyTiles(
  a: usize,
  panel: usize,
  c: usize,
  rows: i32,
  depthBytes: usize,
  resultBytes: usize,
): void {
  for (; rows > 1; rows -= 4) {
    const a1 = a + depthBytes;
    const a2 = a1 + depthBytes;
    const a3 = a2 + depthBytes;
    let s00 = f32x4.splat(0);
    let s01 = s00;
    let s10 = s00;
    let s11 = s00;
    let s20 = s00;
    let s21 = s00;
    let s30 = s00;
    let s31 = s00;
    let b = panel;
    for (let at: usize = 0; at < depthBytes; at += 4) {
      const b0 = v128.load(b);
      const b1 = v128.load(b, 16);
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
      b += 32;
    }
    v128.store(c, s00);
    v128.store(c, s01, 16);
    c += resultBytes;
    v128.store(c, s10);
    v128.store(c, s11, 16);
    c += resultBytes;
    v128.store(c, s20);
    v128.store(c, s21, 16);
    c += resultBytes;
    v128.store(c, s30);
    v128.store(c, s31, 16);
    c += resultBytes;
    a = a3 + depthBytes;
  }
  if (rows === 1) {
    let s0 = f32x4.splat(0);
    let s1 = s0;
    for (const end = a + depthBytes; a < end; a += 4) {
      const v = v128.load32_splat(a);
      s0 = multiplyAdd(v, v128.load(panel), s0);
      s1 = multiplyAdd(v, v128.load(panel, 16), s1);
      panel += 32;
    }
    v128.store(c, s0);
    v128.store(c, s1, 16);
  }
}
