// The gradient of what cuts values off at a least and a most one.
import { loadLanes, storeLanes } from './lanes';

/** dx = dy where least <= x <= most, and 0 elsewhere; where x is NaN 0 too, or with `keepsNaN` NaN. */
export function clipGradient(x: usize, dy: usize, dx: usize, count: i32, least: f32, most: f32, keepsNaN: bool): void {
  const low = f32x4.splat(least);
  const high = f32x4.splat(most);
  const keep = i32x4.splat(keepsNaN ? -1 : 0);
  for (; count > 0; count -= 4) {
    const values = loadLanes(x, count);
    const passes = v128.and(f32x4.ge(values, low), f32x4.le(values, high));
    const kept = v128.and(v128.and(values, f32x4.ne(values, values)), keep);
    storeLanes(dx, v128.or(v128.and(loadLanes(dy, count), passes), kept), count);
    x += 16;
    dy += 16;
    dx += 16;
  }
}
