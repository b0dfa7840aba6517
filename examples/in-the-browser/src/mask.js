// The layer's mask as numbers, by the formula in the README of @stridelab/diffstride: what is drawn, not what is computed with.
import { SIZE } from './data.js';

const SMOOTHNESS = 4; // the layer's default
const HALF = SIZE / 2;

/** How much of each frequency from -SIZE/2 to SIZE/2 stays: clip((R + t - p) / R, 0, 1). */
function side(stride, offset) {
  const reach = Math.max(HALF / stride, 1) + offset;
  const frequencies = Array.from({ length: SIZE + 1 }, (_, i) => Math.abs(i - HALF));
  return frequencies.map((p) => Math.min(1, Math.max(0, (SMOOTHNESS + reach - p) / SMOOTHNESS)));
}

/** Rows of frequencies down by columns of frequencies across, zero in the middle. */
export function maskOf([down, across]) {
  const [rows, columns] = [side(down, 0), side(across, 1)];
  return rows.map((row) => columns.map((column) => row * column));
}
