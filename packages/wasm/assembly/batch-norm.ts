// Batch normalization of a row-major (rows, channels) array.
import { loadLanes, storeLanes } from './lanes';

/**
 * y = (x - mean) * scale / sqrt(variance + epsilon) + offset, per channel, and `least` where it is below that.
 * `scale` or `offset` 0 means 1 or 0.
 * `factors` is scratch for 2 values a channel.
 */
export function batchNorm(
  x: usize,
  y: usize,
  mean: usize,
  variance: usize,
  scale: usize,
  offset: usize,
  factors: usize,
  rows: i32,
  channels: i32,
  epsilon: f32,
  least: f32,
): void {
  const bytes = (<usize>channels) << 2;
  const shifts = factors + bytes;
  for (let at: usize = 0; at < bytes; at += 4) {
    const factor: f32 = <f32>1 / sqrt<f32>(load<f32>(variance + at) + epsilon);
    store<f32>(factors + at, scale === 0 ? factor : factor * load<f32>(scale + at));
    store<f32>(shifts + at, offset === 0 ? 0 : load<f32>(offset + at));
  }
  const bound = f32x4.splat(least);
  for (let row = 0; row < rows; row++) {
    let at: usize = 0;
    for (let left = channels; left > 0; left -= 4) {
      const centred = f32x4.sub(loadLanes(x + at, left), loadLanes(mean + at, left));
      const scaled = f32x4.mul(centred, loadLanes(factors + at, left));
      storeLanes(y + at, f32x4.pmax(f32x4.add(scaled, loadLanes(shifts + at, left)), bound), left);
      at += 16;
    }
    x += bytes;
    y += bytes;
  }
}
