// A sum of products.
import { loadLanes } from './lanes';

/** Sum of a[i] b[i]. */
export function dot(a: usize, b: usize, count: i32): f32 {
  let sums = f32x4.splat(0);
  for (; count > 0; count -= 4) {
    sums = f32x4.add(sums, f32x4.mul(loadLanes(a, count), loadLanes(b, count)));
    a += 16;
    b += 16;
  }
  const low = f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 1);
  return low + f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3);
}
