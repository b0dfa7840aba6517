// Gradients of pooling: each window hands its dY to the pixels under it.
import { loadLanes, storeLanes } from './lanes';

/** dX[pixel] = sum over the windows on it of dY / (windowHeight windowWidth). */
export function avgPoolBackprop(
  dy: usize,
  dx: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  windowHeight: i32,
  windowWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  padTop: i32,
  padLeft: i32,
): void {
  const pixelBytes = (<usize>channels) << 2;
  const imageBytes = <usize>(height * width) * pixelBytes;
  const share = f32x4.splat(1 / <f32>(windowHeight * windowWidth));
  memory.fill(dx, 0, <usize>batch * imageBytes);
  for (let image = 0; image < batch; image++) {
    for (let row = 0; row < outHeight; row++) {
      const top = row * strideHeight - padTop;
      for (let column = 0; column < outWidth; column++) {
        const left = column * strideWidth - padLeft;
        for (let y = max(0, top); y < min(height, top + windowHeight); y++) {
          for (let x = max(0, left); x < min(width, left + windowWidth); x++) {
            let to = dx + <usize>(y * width + x) * pixelBytes;
            let from = dy;
            for (let left = channels; left > 0; left -= 4) {
              const part = f32x4.mul(loadLanes(from, left), share);
              storeLanes(to, f32x4.add(loadLanes(to, left), part), left);
              from += 16;
              to += 16;
            }
          }
        }
        dy += pixelBytes;
      }
    }
    dx += imageBytes;
  }
}

/** dX[pixel] = sum of dY over the windows whose first largest value is that pixel. */
export function maxPoolBackprop(
  x: usize,
  dy: usize,
  dx: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  windowHeight: i32,
  windowWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  padTop: i32,
  padLeft: i32,
): void {
  const pixelBytes = (<usize>channels) << 2;
  const imageBytes = <usize>(height * width) * pixelBytes;
  memory.fill(dx, 0, <usize>batch * imageBytes);
  for (let image = 0; image < batch; image++) {
    for (let row = 0; row < outHeight; row++) {
      const top = row * strideHeight - padTop;
      const firstRow = max(0, top);
      const lastRow = min(height, top + windowHeight);
      for (let column = 0; column < outWidth; column++) {
        const left = column * strideWidth - padLeft;
        const firstColumn = max(0, left);
        const lastColumn = min(width, left + windowWidth);
        for (let channel = 0; channel < channels; channel += 4) {
          const lanes = channels - channel;
          const offset = (<usize>channel) << 2;
          let largest = f32x4.splat(-Infinity);
          let place = i32x4.splat(-1);
          for (let i = firstRow; i < lastRow; i++) {
            for (let j = firstColumn; j < lastColumn; j++) {
              const pixel = i * width + j;
              const value = loadLanes(x + <usize>pixel * pixelBytes + offset, lanes);
              const larger = f32x4.gt(value, largest);
              largest = v128.bitselect(value, largest, larger);
              place = v128.bitselect(i32x4.splat(pixel), place, larger);
            }
          }
          const gradient = loadLanes(dy + offset, lanes);
          for (let i = firstRow; i < lastRow; i++) {
            for (let j = firstColumn; j < lastColumn; j++) {
              const pixel = i * width + j;
              const to = dx + <usize>pixel * pixelBytes + offset;
              const part = v128.and(gradient, i32x4.eq(place, i32x4.splat(pixel)));
              storeLanes(to, f32x4.add(loadLanes(to, lanes), part), lanes);
            }
          }
        }
        dy += pixelBytes;
      }
    }
    x += imageBytes;
    dx += imageBytes;
  }
}
