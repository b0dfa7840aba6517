import { loadLanes, storeLanes } from './lanes';

const FACTOR: i32 = 1664525;
const SUMMAND: i32 = 1013904223;

function mixed(words: v128): v128 {
  return v128.xor(words, i32x4.shr_u(words, 16));
}

/**
 * y = x * scale, or x * 0 where the number drawn for the value at `start + 4 i` is below `threshold`, as draws.ts of
 * `@stridelab/train-ops` draws it. Whole numbers are without a sign.
 */
export function dropout(
  x: usize,
  y: usize,
  count: i32,
  start: usize,
  seed: i32,
  step: i32,
  threshold: i32,
  scale: f32,
): void {
  const a = i32x4.splat((2 * step + 1) * FACTOR);
  const b = i32x4.splat((2 * seed + 1) * FACTOR);
  const least = i32x4.splat(threshold);
  const factor = f32x4.splat(scale);
  const places = i32x4.add(i32x4.splat(i32((x - start) >> 2)), i32x4(0, 1, 2, 3));
  let next = i32x4.add(i32x4.mul(places, i32x4.splat(FACTOR)), i32x4.add(i32x4.splat(SUMMAND), i32x4.mul(a, b)));
  for (; count > 0; count -= 4) {
    const second = i32x4.add(a, i32x4.mul(b, next));
    const third = mixed(i32x4.add(b, i32x4.mul(next, second)));
    const drawn = i32x4.add(mixed(next), i32x4.mul(mixed(second), third));
    const kept = v128.and(factor, i32x4.ge_u(drawn, least));
    storeLanes(y, f32x4.mul(loadLanes(x, count), kept), count);
    next = i32x4.add(next, i32x4.splat(4 * FACTOR));
    x += 16;
    y += 16;
  }
}
