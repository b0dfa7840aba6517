// Vectors at the end of a row, where fewer than four values are left; and how many rows are summed at a time.

/** Rows that are summed before their sum is added to the total: keeps rounding errors from growing with the rows. */
export const CHUNK: i32 = 64;

/** The first `count` of 4 values, zeros behind them; all of them from `count` 4 on. */
export function loadLanes(from: usize, count: i32): v128 {
  if (count >= 4) return v128.load(from);
  let lanes = v128.load32_zero(from);
  if (count > 1) lanes = v128.load32_lane(from, lanes, 1, 4);
  if (count > 2) lanes = v128.load32_lane(from, lanes, 2, 8);
  return lanes;
}

/** Writes the first `count` of 4 values; all of them from `count` 4 on. */
export function storeLanes(to: usize, lanes: v128, count: i32): void {
  if (count >= 4) {
    v128.store(to, lanes);
    return;
  }
  v128.store32_lane(to, lanes, 0);
  if (count > 1) v128.store32_lane(to, lanes, 1, 4);
  if (count > 2) v128.store32_lane(to, lanes, 2, 8);
}

/** Writes the first `count` of 8 values, all of them from `count` 8 on. */
export function storeEight(to: usize, low: v128, high: v128, count: i32): void {
  storeLanes(to, low, count);
  if (count > 4) storeLanes(to + 16, high, count - 4);
}
