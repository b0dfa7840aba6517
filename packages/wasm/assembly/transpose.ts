// Transposition of a stack of matrices, four by four values at a time.

/** Rows that are taken before the next columns: sixteen values fill the cache line that they are written to. */
const STRIP: i32 = 16;

/** out[m, c, r] = x[m, r, c] */
export function transpose(x: usize, out: usize, matrices: i32, rows: i32, columns: i32): void {
  const size = (<usize>(rows * columns)) << 2;
  for (let matrix = 0; matrix < matrices; matrix++) {
    for (let strip = 0; strip < rows; strip += STRIP) {
      const end = min(rows, strip + STRIP);
      for (let column = 0; column < columns; column += 4) {
        for (let row = strip; row < end; row += 4) {
          if (row + 4 <= rows && column + 4 <= columns) transposeFour(x, out, rows, columns, row, column);
          else transposeRest(x, out, rows, columns, row, column);
        }
      }
    }
    x += size;
    out += size;
  }
}

function transposeFour(x: usize, out: usize, rows: i32, columns: i32, row: i32, column: i32): void {
  const from = x + ((<usize>(row * columns + column)) << 2);
  const to = out + ((<usize>(column * rows + row)) << 2);
  const fromBytes = (<usize>columns) << 2;
  const toBytes = (<usize>rows) << 2;
  const a = v128.load(from);
  const b = v128.load(from + fromBytes);
  const c = v128.load(from + 2 * fromBytes);
  const d = v128.load(from + 3 * fromBytes);
  const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const cd1 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(ab0, cd0, 0, 1, 4, 5));
  v128.store(to + toBytes, v128.shuffle<f32>(ab0, cd0, 2, 3, 6, 7));
  v128.store(to + 2 * toBytes, v128.shuffle<f32>(ab1, cd1, 0, 1, 4, 5));
  v128.store(to + 3 * toBytes, v128.shuffle<f32>(ab1, cd1, 2, 3, 6, 7));
}

/** The values at the edges, fewer than four by four. */
function transposeRest(x: usize, out: usize, rows: i32, columns: i32, row: i32, column: i32): void {
  for (let r = row; r < min(rows, row + 4); r++) {
    for (let c = column; c < min(columns, column + 4); c++) {
      const value = load<u32>(x + ((<usize>(r * columns + c)) << 2));
      store<u32>(out + ((<usize>(c * rows + r)) << 2), value);
    }
  }
}
