// Transposition of matrices that lie within a larger array, four by four values at a time.

/** Rows that are taken before the next columns: sixteen values fill the cache line that they are written to. */
const STRIP: i32 = 16;

/**
 * out[c, r] = x[r, c] for matrices whose rows lie `rowBytes` apart in `x`, and whose columns lie `columnBytes` apart in `out`. They lie
 * along axes that have a length, and steps in `x` and in `out`, in bytes: the outermost one's are given here, those of `inner` axes within
 * it stand at `axes` (i32).
 */
export function transpose(
  x: usize,
  out: usize,
  rows: i32,
  columns: i32,
  rowBytes: usize,
  columnBytes: usize,
  length: i32,
  stepX: usize,
  stepOut: usize,
  axes: usize,
  inner: i32,
): void {
  for (let i = 0; i < length; i++) {
    if (inner === 0) transposeOne(x, out, rows, columns, rowBytes, columnBytes);
    else {
      const next = load<i32>(axes);
      const nextX = <usize>load<i32>(axes, 4);
      const nextOut = <usize>load<i32>(axes, 8);
      transpose(x, out, rows, columns, rowBytes, columnBytes, next, nextX, nextOut, axes + 12, inner - 1);
    }
    x += stepX;
    out += stepOut;
  }
}

function transposeOne(x: usize, out: usize, rows: i32, columns: i32, rowBytes: usize, columnBytes: usize): void {
  for (let strip = 0; strip < rows; strip += STRIP) {
    const end = min(rows, strip + STRIP);
    for (let column = 0; column < columns; column += 4) {
      for (let row = strip; row < end; row += 4) {
        const from = x + <usize>row * rowBytes + ((<usize>column) << 2);
        const to = out + <usize>column * columnBytes + ((<usize>row) << 2);
        if (row + 4 <= rows && column + 4 <= columns) transposeFour(from, to, rowBytes, columnBytes);
        else transposeRest(from, to, rowBytes, columnBytes, min(rows - row, 4), min(columns - column, 4));
      }
    }
  }
}

function transposeFour(from: usize, to: usize, rowBytes: usize, columnBytes: usize): void {
  const a = v128.load(from);
  const b = v128.load(from + rowBytes);
  const c = v128.load(from + 2 * rowBytes);
  const d = v128.load(from + 3 * rowBytes);
  const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const cd1 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(ab0, cd0, 0, 1, 4, 5));
  v128.store(to + columnBytes, v128.shuffle<f32>(ab0, cd0, 2, 3, 6, 7));
  v128.store(to + 2 * columnBytes, v128.shuffle<f32>(ab1, cd1, 0, 1, 4, 5));
  v128.store(to + 3 * columnBytes, v128.shuffle<f32>(ab1, cd1, 2, 3, 6, 7));
}

/** The values at the edges, fewer than four by four. */
function transposeRest(from: usize, to: usize, rowBytes: usize, columnBytes: usize, rows: i32, columns: i32): void {
  if (rows === 4) {
    for (; columns > 0; columns--) {
      let lanes = v128.load32_zero(from);
      lanes = v128.load32_lane(from + rowBytes, lanes, 1);
      lanes = v128.load32_lane(from + 2 * rowBytes, lanes, 2);
      v128.store(to, v128.load32_lane(from + 3 * rowBytes, lanes, 3));
      from += 4;
      to += columnBytes;
    }
    return;
  }
  for (; rows > 0; rows--) {
    for (let c = 0; c < columns; c++) {
      store<u32>(to + <usize>c * columnBytes, load<u32>(from + ((<usize>c) << 2)));
    }
    from += rowBytes;
    to += 4;
  }
}
