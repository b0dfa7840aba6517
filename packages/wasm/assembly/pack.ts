// Copies of images in the order in which the inner loops read them, so that those have neither borders nor tails.

/**
 * Rows `top .. top + rows` and columns `left .. left + columns` of one NHWC image, whatever of them lies outside of it
 * being zero, as (channel block, row, column, lane). `lanes` is 4 or 8; channels past the last are zero.
 * `blockStride` is the distance of two channel blocks in bytes.
 */
export function packBlocks(
  image: usize,
  target: usize,
  height: i32,
  width: i32,
  channels: i32,
  top: i32,
  left: i32,
  rows: i32,
  columns: i32,
  lanes: i32,
  blockStride: usize,
): void {
  const laneBytes = (<usize>lanes) << 2;
  const whole = channels / lanes;
  const tail = channels - whole * lanes;
  for (let row = 0; row < rows; row++) {
    const y = top + row;
    for (let column = 0; column < columns; column++) {
      const x = left + column;
      let to = target + <usize>(row * columns + column) * laneBytes;
      if (y < 0 || y >= height || x < 0 || x >= width) {
        const blocks = whole + (tail > 0 ? 1 : 0);
        for (let block = 0; block < blocks; block++) {
          memory.fill(to, 0, laneBytes);
          to += blockStride;
        }
        continue;
      }
      let from = image + ((<usize>((y * width + x) * channels)) << 2);
      for (let block = 0; block < whole; block++) {
        v128.store(to, v128.load(from));
        if (lanes === 8) v128.store(to, v128.load(from, 16), 16);
        from += laneBytes;
        to += blockStride;
      }
      if (tail > 0) {
        for (let lane = 0; lane < lanes; lane++) {
          store<f32>(to + ((<usize>lane) << 2), lane < tail ? load<f32>(from + ((<usize>lane) << 2)) : 0);
        }
      }
    }
  }
}

/** Rows and columns of one NHWC image as {@link packBlocks} takes them, still as (row, column, channel). */
export function packWindow(
  image: usize,
  target: usize,
  height: i32,
  width: i32,
  channels: i32,
  top: i32,
  left: i32,
  rows: i32,
  columns: i32,
): void {
  const pixelBytes = (<usize>channels) << 2;
  const first = max(0, -left);
  const last = max(first, min(columns, width - left));
  for (let row = 0; row < rows; row++) {
    const y = top + row;
    const to = target + <usize>(row * columns) * pixelBytes;
    if (y < 0 || y >= height || first >= columns) {
      memory.fill(to, 0, <usize>columns * pixelBytes);
      continue;
    }
    memory.fill(to, 0, <usize>first * pixelBytes);
    const from = image + <usize>(y * width + left + first) * pixelBytes;
    memory.copy(to + <usize>first * pixelBytes, from, <usize>(last - first) * pixelBytes);
    memory.fill(to + <usize>last * pixelBytes, 0, <usize>(columns - last) * pixelBytes);
  }
}
