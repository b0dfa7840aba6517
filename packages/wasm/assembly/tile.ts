// Repeats an array along its axes, in blocks as long as can be.

/**
 * Row-major `x` of the sizes at `dims` (i32), repeated `repeats` times along each axis, of values of 4 bytes.
 * Returns the end of what it wrote.
 */
export function tile(x: usize, out: usize, dims: usize, repeats: usize, rank: i32): usize {
  let inner: usize = 4;
  for (let axis = 1; axis < rank; axis++) inner *= <usize>load<i32>(dims + ((<usize>axis) << 2));
  const size = load<i32>(dims);
  const times = load<i32>(repeats);
  let end = out;
  if (rank === 1) {
    memory.copy(out, x, (<usize>size) << 2);
    end = out + ((<usize>size) << 2);
  } else {
    for (let i = 0; i < size; i++) end = tile(x + <usize>i * inner, end, dims + 4, repeats + 4, rank - 1);
  }
  const block = end - out;
  const last = out + block * <usize>times;
  for (let done = block; done > 0 && end < last; done = end - out) {
    const count = min(done, last - end);
    memory.copy(end, out, count);
    end += count;
  }
  return last;
}
