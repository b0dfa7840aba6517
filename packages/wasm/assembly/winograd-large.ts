// Winograd's minimal filtering F(4 x 4, 3 x 3), on vectors of four channels: 6 x 6 pixels of X give 4 x 4 of Y by 36 multiplications,
// where tiles of 2 x 2 take 64 and the sum over the taps 144. Polynomials are taken at 0, ±√½, ±√2 and infinity, which rounds a third as
// much off as the whole numbers 0, ±1 and ±2 do; https://arxiv.org/abs/2201.10369 compares points.

const HALF_ROOT: f32 = <f32>Math.SQRT1_2;
const ROOT: f32 = <f32>Math.SQRT2;

/** factor a + c */
function scaled(factor: f32, a: v128, c: v128): v128 {
  return f32x4.add(f32x4.mul(f32x4.splat(factor), a), c);
}

/** B^T of six values, to six. All of these functions read everything before they write. */
function transformSix(from: usize, apart: usize, to: usize, toApart: usize): void {
  const d0 = v128.load(from);
  const d1 = v128.load(from + apart);
  const d2 = v128.load(from + 2 * apart);
  const d3 = v128.load(from + 3 * apart);
  const d4 = v128.load(from + 4 * apart);
  const d5 = v128.load(from + 5 * apart);
  const halfRoot = f32x4.splat(HALF_ROOT);
  const root = f32x4.splat(ROOT);
  const nearEven = scaled(-2, d2, d4);
  const nearOdd = f32x4.sub(f32x4.mul(halfRoot, d3), f32x4.mul(root, d1));
  const farEven = scaled(-0.5, d2, d4);
  const farOdd = f32x4.sub(f32x4.mul(root, d3), f32x4.mul(halfRoot, d1));
  v128.store(to, scaled(-2.5, d2, f32x4.add(d0, d4)));
  v128.store(to + toApart, f32x4.add(nearEven, nearOdd));
  v128.store(to + 2 * toApart, f32x4.sub(nearEven, nearOdd));
  v128.store(to + 3 * toApart, f32x4.add(farEven, farOdd));
  v128.store(to + 4 * toApart, f32x4.sub(farEven, farOdd));
  v128.store(to + 5 * toApart, scaled(-2.5, d3, f32x4.add(d1, d5)));
}

/** A^T of six values, to four. */
function foldToFour(from: usize, apart: usize, to: usize, toApart: usize): void {
  const m0 = v128.load(from);
  const m1 = v128.load(from + apart);
  const m2 = v128.load(from + 2 * apart);
  const m3 = v128.load(from + 3 * apart);
  const m4 = v128.load(from + 4 * apart);
  const m5 = v128.load(from + 5 * apart);
  const nearSum = f32x4.add(m1, m2);
  const near = f32x4.sub(m1, m2);
  const farSum = f32x4.add(m3, m4);
  const far = f32x4.sub(m3, m4);
  v128.store(to, f32x4.add(f32x4.add(m0, nearSum), farSum));
  v128.store(to + toApart, scaled(HALF_ROOT, near, f32x4.mul(f32x4.splat(ROOT), far)));
  v128.store(to + 2 * toApart, scaled(0.5, nearSum, f32x4.add(farSum, farSum)));
  const last = scaled(2 * ROOT, far, m5);
  v128.store(to + 3 * toApart, scaled(HALF_ROOT / 2, near, last));
}

/** A of four values, to six. */
function spreadFour(from: usize, apart: usize, to: usize, toApart: usize): void {
  const y0 = v128.load(from);
  const y1 = v128.load(from + apart);
  const y2 = v128.load(from + 2 * apart);
  const y3 = v128.load(from + 3 * apart);
  const nearEven = scaled(0.5, y2, y0);
  const nearOdd = scaled(HALF_ROOT / 2, y3, f32x4.mul(f32x4.splat(HALF_ROOT), y1));
  const farEven = scaled(2, y2, y0);
  const farOdd = scaled(2 * ROOT, y3, f32x4.mul(f32x4.splat(ROOT), y1));
  v128.store(to, y0);
  v128.store(to + toApart, f32x4.add(nearEven, nearOdd));
  v128.store(to + 2 * toApart, f32x4.sub(nearEven, nearOdd));
  v128.store(to + 3 * toApart, f32x4.add(farEven, farOdd));
  v128.store(to + 4 * toApart, f32x4.sub(farEven, farOdd));
  v128.store(to + 5 * toApart, y3);
}

/** G of three values, to six. */
function spreadThree(from: usize, apart: usize, to: usize, toApart: usize): void {
  const g0 = v128.load(from);
  const g1 = v128.load(from + apart);
  const g2 = v128.load(from + 2 * apart);
  const nearEven = f32x4.mul(f32x4.splat(-1.0 / 3), scaled(2, g0, g2));
  const nearOdd = f32x4.mul(f32x4.splat(ROOT / 3), g1);
  const farEven = f32x4.mul(f32x4.splat(1.0 / 6), scaled(2, g2, g0));
  const farOdd = f32x4.mul(f32x4.splat(ROOT / 6), g1);
  v128.store(to, g0);
  v128.store(to + toApart, f32x4.sub(nearEven, nearOdd));
  v128.store(to + 2 * toApart, f32x4.add(nearEven, nearOdd));
  v128.store(to + 3 * toApart, f32x4.add(farEven, farOdd));
  v128.store(to + 4 * toApart, f32x4.sub(farEven, farOdd));
  v128.store(to + 5 * toApart, g2);
}

/** G^T of six values, to three. */
function foldToThree(from: usize, apart: usize, to: usize, toApart: usize): void {
  const u0 = v128.load(from);
  const u1 = v128.load(from + apart);
  const u2 = v128.load(from + 2 * apart);
  const u3 = v128.load(from + 3 * apart);
  const u4 = v128.load(from + 4 * apart);
  const u5 = v128.load(from + 5 * apart);
  const near = f32x4.mul(f32x4.splat(-1.0 / 3), f32x4.add(u1, u2));
  const far = f32x4.mul(f32x4.splat(1.0 / 6), f32x4.add(u3, u4));
  const odd = scaled(0.5, f32x4.sub(u3, u4), f32x4.sub(u2, u1));
  v128.store(to, f32x4.add(scaled(2, near, u0), far));
  v128.store(to + toApart, f32x4.mul(f32x4.splat(ROOT / 3), odd));
  v128.store(to + 2 * toApart, f32x4.add(scaled(2, far, u5), near));
}

/** B^T d B of 6 x 6 pixels from `from` on, to 36 times their channels. */
export function transformPixels(from: usize, rowBytes: usize, pixelBytes: usize, to: usize, element: usize): void {
  const apart = 6 * element;
  // Both loops over channels look at their end last, for the reason that the one of mat-mul.ts has.
  for (let j: usize = 0; j < 6; j++) {
    let pixel = from + j * pixelBytes;
    let result = to + j * element;
    const end = pixel + pixelBytes;
    do {
      transformSix(pixel, rowBytes, result, apart);
      pixel += 16;
      result += 16;
    } while (pixel < end);
  }
  for (let i: usize = 0; i < 6; i++) {
    let row = to + i * apart;
    const end = row + pixelBytes;
    do {
      transformSix(row, element, row, element);
      row += 16;
    } while (row < end);
  }
}

/** A^T m A of four channels of a tile, of which the last two rows and columns of elements are spent. */
export function foldToPixels(from: usize, element: usize): void {
  for (let j: usize = 0; j < 6; j++) foldToFour(from + j * element, 6 * element, from + j * element, 6 * element);
  for (let i: usize = 0; i < 4; i++) foldToFour(from + 6 * i * element, element, from + 6 * i * element, element);
}

/** A y A^T of four channels of 4 x 4 pixels, which lie at the first four elements of the first four rows. */
export function spreadPixels(to: usize, element: usize): void {
  for (let j: usize = 0; j < 4; j++) spreadFour(to + j * element, 6 * element, to + j * element, 6 * element);
  for (let i: usize = 0; i < 6; i++) spreadFour(to + 6 * i * element, element, to + 6 * i * element, element);
}

/** G g G^T of four numbers for each of 3 x 3 taps. */
export function spreadTaps(from: usize, tap: usize, to: usize, element: usize): void {
  for (let j: usize = 0; j < 3; j++) spreadThree(from + j * tap, 3 * tap, to + j * element, 6 * element);
  for (let i: usize = 0; i < 6; i++) spreadThree(to + 6 * i * element, element, to + 6 * i * element, element);
}

/** G^T u G, the other way. `from` is spent. */
export function foldToTaps(from: usize, element: usize, to: usize, tap: usize): void {
  for (let j: usize = 0; j < 6; j++) foldToThree(from + j * element, 6 * element, from + j * element, 6 * element);
  for (let i: usize = 0; i < 3; i++) foldToThree(from + 6 * i * element, element, to + 3 * i * tap, tap);
}
