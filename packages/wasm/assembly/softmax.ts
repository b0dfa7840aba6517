// Cross-entropy of softmax, with its gradient.
import { loadLanes, storeLanes } from './lanes';
import { exp } from './unary';

/**
 * For each row, with q = scale * labels + shift: losses = -sum of q log softmax(logits), and
 * dLogits = softmax(logits) * sum(q) - q.
 */
export function softmaxCrossEntropy(
  logits: usize,
  labels: usize,
  losses: usize,
  dLogits: usize,
  rows: i32,
  classes: i32,
  scale: f32,
  shift: f32,
): void {
  const bytes = (<usize>classes) << 2;
  for (let row = 0; row < rows; row++) {
    store<f32>(losses, lossOfRow(logits, labels, dLogits, classes, f32x4.splat(scale), f32x4.splat(shift)));
    logits += bytes;
    labels += bytes;
    dLogits += bytes;
    losses += 4;
  }
}

function lossOfRow(logits: usize, labels: usize, dLogits: usize, classes: i32, scale: v128, shift: v128): f32 {
  const lowest = f32x4.splat(-Infinity);
  let largest = lowest;
  let at: usize = 0;
  for (let left = classes; left > 0; left -= 4) {
    largest = f32x4.max(largest, v128.bitselect(loadLanes(logits + at, left), lowest, firstLanes(left)));
    at += 16;
  }
  const most = f32x4.splat(
    max(
      max(f32x4.extract_lane(largest, 0), f32x4.extract_lane(largest, 1)),
      max(f32x4.extract_lane(largest, 2), f32x4.extract_lane(largest, 3)),
    ),
  );
  let powers = f32x4.splat(0);
  let weights = powers;
  let products = powers;
  at = 0;
  for (let left = classes; left > 0; left -= 4) {
    const present = firstLanes(left);
    const below = f32x4.sub(loadLanes(logits + at, left), most);
    const power = v128.and(exp(below), present);
    const q = v128.and(f32x4.add(f32x4.mul(scale, loadLanes(labels + at, left)), shift), present);
    storeLanes(dLogits + at, power, left);
    powers = f32x4.add(powers, power);
    weights = f32x4.add(weights, q);
    products = f32x4.add(products, v128.and(f32x4.mul(q, below), present));
    at += 16;
  }
  const total = sumOf(powers);
  const weight = sumOf(weights);
  const share = f32x4.splat(weight / total);
  at = 0;
  for (let left = classes; left > 0; left -= 4) {
    const q = f32x4.add(f32x4.mul(scale, loadLanes(labels + at, left)), shift);
    storeLanes(dLogits + at, f32x4.sub(f32x4.mul(loadLanes(dLogits + at, left), share), q), left);
    at += 16;
  }
  return <f32>(<f64>weight * log(<f64>total) - <f64>sumOf(products));
}

/** All bits of the first `count` lanes. */
function firstLanes(count: i32): v128 {
  return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count));
}

function sumOf(lanes: v128): f32 {
  const left = f32x4.extract_lane(lanes, 0) + f32x4.extract_lane(lanes, 1);
  return left + (f32x4.extract_lane(lanes, 2) + f32x4.extract_lane(lanes, 3));
}

/** ln x for x >= 1: with x = 2^n m and s = (m - 1) / (m + 1), n ln 2 + 2 (s + s^3 / 3 + s^5 / 5 ...). */
function log(x: f64): f64 {
  const bits = reinterpret<i64>(x);
  let n = <i32>(bits >> 52) - 1023;
  let m = reinterpret<f64>((bits & 0xfffffffffffff) | ((<i64>1023) << 52));
  if (m > Math.SQRT2) {
    m *= 0.5;
    n++;
  }
  const s = (m - 1) / (m + 1);
  const t = s * s;
  let series: f64 = 1.0 / 13;
  for (let k: f64 = 11; k > 0; k -= 2) series = series * t + 1 / k;
  return <f64>n * Math.LN2 + 2 * s * series;
}
