// Functions made of powers of e. AssemblyScript's own keep tables in memory, where TF.js has its own data.
import { loadLanes, storeLanes } from './lanes';

/** Below it e^x is 1, and tanh x is x, in float32. */
const TINY: f32 = 2.0 ** -30;

/** y = e^x. */
export function exponential(x: usize, y: usize, count: i32): void {
  for (; count > 0; count -= 4) {
    storeLanes(y, exp(loadLanes(x, count)), count);
    x += 16;
    y += 16;
  }
}

/** y = tanh x. */
export function hyperbolicTangent(x: usize, y: usize, count: i32): void {
  for (; count > 0; count -= 4) {
    storeLanes(y, tanh(loadLanes(x, count)), count);
    x += 16;
    y += 16;
  }
}

/** y = erf x. */
export function errorFunction(x: usize, y: usize, count: i32): void {
  for (; count > 0; count -= 4) {
    storeLanes(y, erf(loadLanes(x, count)), count);
    x += 16;
    y += 16;
  }
}

// Processors take a hundred times as long for a product with numbers below the normal ones, 2^-126: none is made here.

/** e^x, and 0 where that is below the normal numbers. With x = n ln 2 + r, it is 2^n times the power series of r. */
export function exp(given: v128): v128 {
  const least = f32x4.splat(-87.33654);
  // Beyond the upper end it is infinity for any x. Of these two, NaN comes out where x is.
  const bounded = f32x4.pmax(f32x4.pmin(given, f32x4.splat(89)), least);
  const x = v128.andnot(bounded, f32x4.lt(f32x4.abs(bounded), f32x4.splat(TINY)));
  // So large a number has no bits left for fractions, and its last ones are n.
  const large = f32x4.splat(12582912);
  const shifted = f32x4.add(f32x4.mul(x, f32x4.splat(<f32>Math.LOG2E)), large);
  const n = f32x4.sub(shifted, large);
  // ln 2 in two parts, the first of so few bits that its product with n is exact.
  const high = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693145751953125)));
  const r = f32x4.sub(high, f32x4.mul(n, f32x4.splat(1.42860682e-6)));
  let series = f32x4.splat(1.0 / 5040);
  series = f32x4.add(f32x4.mul(series, r), f32x4.splat(1.0 / 720));
  series = f32x4.add(f32x4.mul(series, r), f32x4.splat(1.0 / 120));
  series = f32x4.add(f32x4.mul(series, r), f32x4.splat(1.0 / 24));
  series = f32x4.add(f32x4.mul(series, r), f32x4.splat(1.0 / 6));
  series = f32x4.add(f32x4.mul(series, r), f32x4.splat(0.5));
  series = f32x4.add(f32x4.mul(series, r), f32x4.splat(1));
  series = f32x4.add(f32x4.mul(series, r), f32x4.splat(1));
  // In two steps: 2^128 is no number.
  const whole = i32x4.sub(shifted, large);
  const half = i32x4.shr_s(whole, 1);
  const value = f32x4.mul(f32x4.mul(series, powerOfTwo(half)), powerOfTwo(i32x4.sub(whole, half)));
  return v128.andnot(value, f32x4.lt(given, least));
}

function powerOfTwo(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
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
