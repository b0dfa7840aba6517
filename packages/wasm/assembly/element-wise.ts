// What is made of two arrays, one pair of values after another. Either may be shorter, and is then repeated along some axes.
import { loadLanes, storeLanes } from './lanes';

/** Operations up to here compare, and put out bytes of 0 and 1. */
const LAST_COMPARISON: i32 = 5;

/**
 * Row-major `out` of the values of `a` and `b`, of 4 bytes each; returns its end. An axis has a length, and steps in `a` and in `b`,
 * in bytes, 0 where that is repeated: the outermost one's are given here, those of `inner` axes within it stand at `axes` (i32).
 */
export function elementWise(
  operation: i32,
  inverts: bool,
  a: usize,
  b: usize,
  out: usize,
  length: i32,
  stepA: usize,
  stepB: usize,
  axes: usize,
  inner: i32,
): usize {
  if (inner === 0) {
    if (operation <= LAST_COMPARISON) return compare(operation, inverts, a, b, out, length, stepA, stepB);
    return extremes(operation, a, b, out, length, stepA, stepB);
  }
  const next = load<i32>(axes);
  const nextA = <usize>load<i32>(axes, 4);
  const nextB = <usize>load<i32>(axes, 8);
  for (let i = 0; i < length; i++) {
    out = elementWise(operation, inverts, a, b, out, next, nextA, nextB, axes + 12, inner - 1);
    a += stepA;
    b += stepB;
  }
  return out;
}

/** Four values from here on, or one four times. */
function operand(at: usize, step: usize, count: i32): v128 {
  return step ? loadLanes(at, count) : v128.load32_splat(at);
}

/** Where a comparison holds, all bits of the value are set. */
function combine(operation: i32, a: v128, b: v128): v128 {
  switch (operation) {
    case 0:
      return f32x4.gt(a, b);
    case 1:
      return f32x4.ge(a, b);
    case 2:
      return f32x4.eq(a, b);
    case 3:
      return i32x4.gt_s(a, b);
    case 4:
      return i32x4.ge_s(a, b);
    case LAST_COMPARISON:
      return i32x4.eq(a, b);
    case 6:
      return f32x4.max(a, b);
    case 7:
      return f32x4.min(a, b);
    case 8:
      return i32x4.max_s(a, b);
    default:
      return i32x4.min_s(a, b);
  }
}

function compare(
  operation: i32,
  inverts: bool,
  a: usize,
  b: usize,
  out: usize,
  length: i32,
  stepA: usize,
  stepB: usize,
): usize {
  const one = i8x16.splat(1);
  const flips = i8x16.splat(inverts ? 1 : 0);
  const nextA = stepA * 4;
  const nextB = stepB * 4;
  let left = length;
  for (; left >= 16; left -= 16) {
    const first = combine(operation, operand(a, stepA, 4), operand(b, stepB, 4));
    const second = combine(operation, operand(a + nextA, stepA, 4), operand(b + nextB, stepB, 4));
    const third = combine(operation, operand(a + 2 * nextA, stepA, 4), operand(b + 2 * nextB, stepB, 4));
    const fourth = combine(operation, operand(a + 3 * nextA, stepA, 4), operand(b + 3 * nextB, stepB, 4));
    const all = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(first, second), i16x8.narrow_i32x4_s(third, fourth));
    v128.store(out, v128.xor(v128.and(all, one), flips));
    a += 4 * nextA;
    b += 4 * nextB;
    out += 16;
  }
  for (; left > 0; left -= 4) {
    const bits = i32x4.bitmask(combine(operation, operand(a, stepA, left), operand(b, stepB, left)));
    for (let i = 0; i < min(left, 4); i++) store<u8>(out++, ((bits >> i) & 1) ^ i32(inverts));
    a += nextA;
    b += nextB;
  }
  return out;
}

function extremes(operation: i32, a: usize, b: usize, out: usize, length: i32, stepA: usize, stepB: usize): usize {
  const end = out + ((<usize>length) << 2);
  for (let left = length; left > 0; left -= 4) {
    storeLanes(out, combine(operation, operand(a, stepA, left), operand(b, stepB, left)), left);
    a += stepA * 4;
    b += stepB * 4;
    out += 16;
  }
  return end;
}

/** out = yes where the byte of `condition` is not 0, and no elsewhere, of values of 4 bytes. */
export function select(condition: usize, yes: usize, no: usize, out: usize, count: i32): void {
  const zero = i32x4.splat(0);
  for (; count >= 4; count -= 4) {
    const bytes = i16x8.extend_low_i8x16_u(v128.load32_zero(condition));
    const isNo = i32x4.eq(i32x4.extend_low_i16x8_u(bytes), zero);
    v128.store(out, v128.bitselect(v128.load(no), v128.load(yes), isNo));
    condition += 4;
    yes += 16;
    no += 16;
    out += 16;
  }
  for (; count > 0; count--) {
    store<i32>(out, load<u8>(condition) ? load<i32>(yes) : load<i32>(no));
    condition++;
    yes += 4;
    no += 4;
    out += 4;
  }
}

/**
 * dx = dy where x > 0, and alpha dy elsewhere. With x in the place of dy that is the function itself, but for what becomes of zeros:
 * with `keepsZero` they stay.
 */
export function leakyGradient(x: usize, dy: usize, dx: usize, count: i32, alpha: f32, keepsZero: bool): void {
  const zero = f32x4.splat(0);
  const slope = f32x4.splat(alpha);
  for (; count > 0; count -= 4) {
    const values = loadLanes(x, count);
    const passes = keepsZero ? v128.not(f32x4.lt(values, zero)) : f32x4.gt(values, zero);
    const given = loadLanes(dy, count);
    storeLanes(dx, v128.bitselect(given, f32x4.mul(given, slope), passes), count);
    x += 16;
    dy += 16;
    dx += 16;
  }
}

/** The floats of whole numbers, of `bytes` bytes each: 4, or 1 for those that are 0 and 1. */
export function toFloats(x: usize, out: usize, count: i32, bytes: i32): void {
  for (; count >= 4; count -= 4) {
    const words = bytes === 4 ? v128.load(x) : i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(x)));
    v128.store(out, f32x4.convert_i32x4_s(words));
    x += (<usize>bytes) << 2;
    out += 16;
  }
  for (; count > 0; count--) {
    store<f32>(out, <f32>(bytes === 4 ? load<i32>(x) : <i32>load<u8>(x)));
    x += <usize>bytes;
    out += 4;
  }
}
