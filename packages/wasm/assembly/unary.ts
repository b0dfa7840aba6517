// Functions of one number. AssemblyScript's own keep tables in memory, where TF.js has its own data.
import { loadLanes, storeLanes } from './lanes';

/** Below it e^x is 1, and tanh x is x, in float32. */
const TINY: f32 = 2.0 ** -30;

/** y = f(x), value by value; `f` by its number in `apply`. */
export function unary(x: usize, y: usize, count: i32, f: i32): void {
  for (; count > 0; count -= 4) {
    storeLanes(y, apply(f, loadLanes(x, count)), count);
    x += 16;
    y += 16;
  }
}

function apply(f: i32, x: v128): v128 {
  switch (f) {
    case 0:
      return exp(x);
    case 1:
      return tanh(x);
    case 2:
      return erf(x);
    case 3:
      return log(x);
    case 4:
      return logOfNext(x);
    case 5:
      return softplus(x);
    case 6:
      return expLessOne(x);
    case 7:
      return selu(x);
    case 8:
      return f32x4.mul(x, x);
    case 9:
      return f32x4.mul(f32x4.mul(x, x), x);
    default:
      return f32x4.mul(f32x4.mul(x, x), f32x4.mul(x, x));
  }
}

// Processors take a hundred times as long for a product with numbers below the normal ones, 2^-126: of normal numbers, none is made here
// but whole powers.

/** So large a number has no bits left for fractions, and its last ones are those of what is added to it. */
const LARGE: f32 = 12582912;

/** LARGE and the whole number n for which x = n ln 2 + r with the least r. */
function shiftedExponent(x: v128): v128 {
  return f32x4.add(f32x4.mul(x, f32x4.splat(<f32>Math.LOG2E)), f32x4.splat(LARGE));
}

/** r of x = n ln 2 + r: ln 2 is in two parts, the first of so few bits that its product with n is exact. */
function remainder(x: v128, n: v128): v128 {
  const high = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693145751953125)));
  return f32x4.sub(high, f32x4.mul(n, f32x4.splat(1.42860682e-6)));
}

/** (e^r - 1 - r) / r^2 for r of up to ln 2 / 2, so that e^r is off by 2^-28 of itself. */
function curvature(r: v128): v128 {
  let series = f32x4.splat(1.381453232e-3);
  series = f32x4.add(f32x4.mul(series, r), f32x4.splat(8.368745922e-3));
  series = f32x4.add(f32x4.mul(series, r), f32x4.splat(4.166839095e-2));
  series = f32x4.add(f32x4.mul(series, r), f32x4.splat(1.666652039e-1));
  return f32x4.add(f32x4.mul(series, r), f32x4.splat(4.9999993431e-1));
}

/** e^x, and 0 where that is below the normal numbers: 2^n e^r. */
export function exp(given: v128): v128 {
  const one = f32x4.splat(1);
  const x = v128.andnot(given, f32x4.lt(f32x4.abs(given), f32x4.splat(TINY)));
  const shifted = shiftedExponent(x);
  const r = remainder(x, f32x4.sub(shifted, f32x4.splat(LARGE)));
  const slope = f32x4.add(f32x4.mul(curvature(r), r), one);
  const series = f32x4.add(f32x4.mul(slope, r), one);
  // The exponent is put up by n. For n = 128 the series is below 1: beyond, it is infinity, and of what is no number, that.
  const value = i32x4.add(series, i32x4.shl(shifted, 23));
  const bounded = v128.andnot(value, f32x4.lt(given, f32x4.splat(-87.33654)));
  const beyond = f32x4.add(given, f32x4.splat(Infinity));
  return v128.bitselect(bounded, beyond, f32x4.le(given, f32x4.splat(88.72283)));
}

/** (1 - e^-2|x|) / (1 + e^-2|x|) with the sign of x, and where that would lose digits a polynomial (Cephes's tanhf). */
function tanh(x: v128): v128 {
  const one = f32x4.splat(1);
  const given = f32x4.abs(x);
  // From 10 on it is 1, and of what is tiny itself.
  const size = v128.andnot(f32x4.pmin(given, f32x4.splat(10)), f32x4.lt(given, f32x4.splat(TINY)));
  const power = exp(f32x4.mul(size, f32x4.splat(-2)));
  const far = f32x4.div(f32x4.sub(one, power), f32x4.add(one, power));
  const square = f32x4.mul(size, size);
  let series = f32x4.splat(-5.70498872745e-3);
  series = f32x4.add(f32x4.mul(series, square), f32x4.splat(2.06390887954e-2));
  series = f32x4.add(f32x4.mul(series, square), f32x4.splat(-5.37397155531e-2));
  series = f32x4.add(f32x4.mul(series, square), f32x4.splat(1.33314422036e-1));
  series = f32x4.add(f32x4.mul(series, square), f32x4.splat(-3.33332819422e-1));
  const near = f32x4.add(given, f32x4.mul(f32x4.mul(series, square), size));
  const value = v128.bitselect(near, far, f32x4.lt(given, f32x4.splat(0.625)));
  return v128.or(value, v128.and(x, f32x4.splat(-0.0)));
}

/** Near 0 a polynomial (Cephes's erff), and from 1 on Abramowitz and Stegun 7.1.26, as in TF.js: off by 1.7e-7 at most. */
function erf(x: v128): v128 {
  const one = f32x4.splat(1);
  const size = f32x4.abs(x);
  // What is tiny has no square among the normal numbers; its erf is 2 x / sqrt(pi).
  const notTiny = v128.andnot(size, f32x4.lt(size, f32x4.splat(TINY)));
  const square = f32x4.mul(notTiny, notTiny);
  const t = f32x4.div(one, f32x4.add(one, f32x4.mul(size, f32x4.splat(0.3275911))));
  let series = f32x4.splat(1.061405429);
  series = f32x4.add(f32x4.mul(series, t), f32x4.splat(-1.453152027));
  series = f32x4.add(f32x4.mul(series, t), f32x4.splat(1.421413741));
  series = f32x4.add(f32x4.mul(series, t), f32x4.splat(-0.284496736));
  series = f32x4.add(f32x4.mul(series, t), f32x4.splat(0.254829592));
  const far = f32x4.sub(one, f32x4.mul(f32x4.mul(series, t), exp(f32x4.neg(square))));
  const bounded = f32x4.pmin(square, one);
  series = f32x4.splat(7.853861353153693e-5);
  series = f32x4.add(f32x4.mul(series, bounded), f32x4.splat(-8.010193625184903e-4));
  series = f32x4.add(f32x4.mul(series, bounded), f32x4.splat(5.188327685732524e-3));
  series = f32x4.add(f32x4.mul(series, bounded), f32x4.splat(-2.685381193529856e-2));
  series = f32x4.add(f32x4.mul(series, bounded), f32x4.splat(1.128358514861418e-1));
  series = f32x4.add(f32x4.mul(series, bounded), f32x4.splat(-3.7612625824233e-1));
  series = f32x4.add(f32x4.mul(series, bounded), f32x4.splat(1.12837916572671));
  const value = v128.bitselect(f32x4.mul(series, size), far, f32x4.lt(size, one));
  return v128.or(value, v128.and(x, f32x4.splat(-0.0)));
}

/** ln x: of the fraction of x by a polynomial of f / (2 + f), as musl's logf has it, and as often ln 2 as its exponent says. */
function log(x: v128): v128 {
  const isSmall = f32x4.lt(x, f32x4.splat(2.0 ** -126));
  const normal = v128.bitselect(f32x4.mul(x, f32x4.splat(2.0 ** 23)), x, isSmall);
  // The fraction 1 + f is to be in [sqrt(1/2), sqrt(2)), whose lower end has these bits.
  const least = i32x4.splat(0x3f3504f3);
  const bits = i32x4.sub(normal, least);
  const exponent = f32x4.sub(f32x4.convert_i32x4_s(i32x4.shr_s(bits, 23)), v128.and(f32x4.splat(23), isSmall));
  const fraction = i32x4.add(v128.and(bits, i32x4.splat(0x7fffff)), least);
  const f = f32x4.sub(fraction, f32x4.splat(1));
  const s = f32x4.div(f, f32x4.add(f, f32x4.splat(2)));
  const square = f32x4.mul(s, s);
  let series = f32x4.splat(0.24279078841);
  series = f32x4.add(f32x4.mul(series, square), f32x4.splat(0.28498786688));
  series = f32x4.add(f32x4.mul(series, square), f32x4.splat(0.40000972152));
  series = f32x4.add(f32x4.mul(series, square), f32x4.splat(0.66666662693));
  const half = f32x4.mul(f32x4.mul(f, f), f32x4.splat(0.5));
  const rest = f32x4.mul(s, f32x4.add(half, f32x4.mul(series, square)));
  // ln 2 in two parts, the larger one last.
  const low = f32x4.add(rest, f32x4.mul(exponent, f32x4.splat(9.0580006145e-6)));
  const value = f32x4.add(f32x4.sub(f, f32x4.sub(half, low)), f32x4.mul(exponent, f32x4.splat(0.69313812256)));
  // Infinity and what is no number stay, and there is none below 0.
  const isBounded = f32x4.lt(x, f32x4.splat(Infinity));
  const zero = f32x4.splat(0);
  const above = v128.bitselect(value, x, isBounded);
  const ends = v128.bitselect(f32x4.splat(-Infinity), f32x4.splat(NaN), f32x4.eq(x, zero));
  return v128.bitselect(ends, above, f32x4.le(x, zero));
}

/** ln(1 + x): what 1 + x is rounded by is made good. */
function logOfNext(x: v128): v128 {
  const one = f32x4.splat(1);
  const next = f32x4.add(x, one);
  const lost = f32x4.div(f32x4.sub(x, f32x4.sub(next, one)), next);
  const isInside = v128.and(f32x4.gt(next, f32x4.splat(0)), f32x4.lt(next, f32x4.splat(Infinity)));
  return f32x4.add(log(next), v128.and(lost, isInside));
}

/** ln(1 + e^x), of which so large an x is all that float32 has. */
function softplus(x: v128): v128 {
  const power = exp(f32x4.neg(f32x4.abs(x)));
  return f32x4.add(f32x4.max(x, f32x4.splat(0)), logOfNext(power));
}

/** e^x - 1: with x = n ln 2 + r, 2^n (e^r - 1) and 2^n - 1, of which n = 0 leaves nothing to cancel. */
function expLessOne(given: v128): v128 {
  // Beyond, it is -1 or infinity. Of these two, NaN comes out where x is.
  const x = f32x4.pmax(f32x4.pmin(given, f32x4.splat(89)), f32x4.splat(-30));
  const shifted = shiftedExponent(x);
  const n = f32x4.sub(shifted, f32x4.splat(LARGE));
  const r = remainder(x, n);
  // So small an r has no square among the normal numbers, and so small an x is what is looked for.
  const notTiny = v128.andnot(r, f32x4.lt(f32x4.abs(r), f32x4.splat(TINY)));
  const less = f32x4.add(r, f32x4.mul(f32x4.mul(notTiny, notTiny), curvature(notTiny)));
  // By half of it, since 2^128 is no number.
  const half = i32x4.shl(i32x4.add(shifted, i32x4.splat(126)), 23);
  const value = f32x4.add(f32x4.mul(half, less), f32x4.sub(half, f32x4.splat(0.5)));
  return v128.bitselect(given, f32x4.add(value, value), f32x4.lt(f32x4.abs(given), f32x4.splat(TINY)));
}

/** scale x, and scale alpha (e^x - 1) below 0, which has mean 0 and variance 1 of what has (Klambauer et al. 2017). */
function selu(x: v128): v128 {
  const zero = f32x4.splat(0);
  const below = f32x4.mul(expLessOne(f32x4.pmin(x, zero)), f32x4.splat(1.7580993));
  return v128.bitselect(f32x4.mul(x, f32x4.splat(1.050701)), below, f32x4.ge(x, zero));
}
