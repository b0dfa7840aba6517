// The inner loop of products whose operands were laid out for it.

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
      s0 = f32x4.add(s0, f32x4.mul(v, v128.load(panel)));
      s1 = f32x4.add(s1, f32x4.mul(v, v128.load(panel, 16)));
      panel += 32;
    }
    v128.store(c, s0);
    v128.store(c, s1, 16);
  }
}
