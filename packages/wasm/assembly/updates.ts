// Optimizer updates of some numbers of a weight. What is read may lie where the next values go: an update in place.
import { loadLanes, storeLanes } from './lanes';

/**
 * With g = gradient + l2 * weight: nextVelocity = momentum * velocity + g;
 * nextWeight = weight - rate * (nesterov ? g + momentum * nextVelocity : nextVelocity) - shrink * weight.
 */
export function sgdMomentumUpdate(
  weight: usize,
  gradient: usize,
  velocity: usize,
  nextWeight: usize,
  nextVelocity: usize,
  count: i32,
  rate: f32,
  momentum: f32,
  nesterov: bool,
  l2: f32,
  shrink: f32,
): void {
  const rates = f32x4.splat(rate);
  const kept = f32x4.splat(momentum);
  const penalty = f32x4.splat(l2);
  const shrinks = f32x4.splat(shrink);
  for (let at: usize = 0; count > 0; count -= 4) {
    const value = loadLanes(weight + at, count);
    const slope = f32x4.add(loadLanes(gradient + at, count), f32x4.mul(penalty, value));
    const next = f32x4.add(f32x4.mul(kept, loadLanes(velocity + at, count)), slope);
    const direction = nesterov ? f32x4.add(slope, f32x4.mul(kept, next)) : next;
    storeLanes(nextVelocity + at, next, count);
    const change = f32x4.add(f32x4.mul(rates, direction), f32x4.mul(shrinks, value));
    storeLanes(nextWeight + at, f32x4.sub(value, change), count);
    at += 16;
  }
}

/**
 * With g = gradient + l2 * weight: nextMoment1 = beta1 * moment1 + new1 * g; nextMoment2 = beta2 * moment2 + new2 * g^2;
 * nextWeight = weight - rate * nextMoment1 / (sqrt(nextMoment2) + floor) - shrink * weight.
 */
export function adamUpdate(
  weight: usize,
  gradient: usize,
  moment1: usize,
  moment2: usize,
  nextWeight: usize,
  nextMoment1: usize,
  nextMoment2: usize,
  count: i32,
  rate: f32,
  beta1: f32,
  beta2: f32,
  new1: f32,
  new2: f32,
  floor: f32,
  l2: f32,
  shrink: f32,
): void {
  const rates = f32x4.splat(rate);
  const floors = f32x4.splat(floor);
  const penalty = f32x4.splat(l2);
  const shrinks = f32x4.splat(shrink);
  for (let at: usize = 0; count > 0; count -= 4) {
    const value = loadLanes(weight + at, count);
    const slope = f32x4.add(loadLanes(gradient + at, count), f32x4.mul(penalty, value));
    const first = moving(loadLanes(moment1 + at, count), slope, beta1, new1);
    const second = moving(loadLanes(moment2 + at, count), f32x4.mul(slope, slope), beta2, new2);
    const step = f32x4.div(f32x4.mul(rates, first), f32x4.add(f32x4.sqrt(second), floors));
    const change = f32x4.add(step, f32x4.mul(shrinks, value));
    storeLanes(nextMoment1 + at, first, count);
    storeLanes(nextMoment2 + at, second, count);
    storeLanes(nextWeight + at, f32x4.sub(value, change), count);
    at += 16;
  }
}

function moving(average: v128, latest: v128, beta: f32, share: f32): v128 {
  return f32x4.add(f32x4.mul(f32x4.splat(beta), average), f32x4.mul(f32x4.splat(share), latest));
}
