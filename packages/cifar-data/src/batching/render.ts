// Makes the pixels of a batch: crop, mirror, normalize and mix, in one pass over the output.
import { CHANNELS, type Normalization, type Split } from '../data/split.ts';
import type { BatchPlan, Draws } from './plan.ts';

/** What each byte of each channel becomes: (3, 256), in float32. */
export function lookupTables({ mean, std }: Normalization): Float32Array {
  return Float32Array.from({ length: CHANNELS * 256 }, (_, i) => {
    const channel = i >> 8;
    return ((i & 255) / 255 - mean[channel]!) / std[channel]!;
  });
}

/** Writes images of shape (size, height, width, 3) into `output`. */
export function renderBatch(split: Split, plan: BatchPlan, tables: Float32Array, output: Float32Array): void {
  const { size, first, second, weights } = plan;
  const imageValues = split.height * split.width * CHANNELS;
  if (!second || !weights) {
    for (let i = 0; i < size; i++) drawImage(split, first, i, tables, output, i * imageValues, false);
    return;
  }
  // A weight goes into the table, 768 numbers, and not into every value of the image.
  const weighted = new Float32Array(tables.length);
  const partner = new Float32Array(tables.length);
  for (let i = 0; i < size; i++) {
    if (i === 0 || weights[i] !== weights[i - 1]) {
      for (let k = 0; k < tables.length; k++) {
        weighted[k] = weights[i]! * tables[k]!;
        partner[k] = (1 - weights[i]!) * tables[k]!;
      }
    }
    drawImage(split, first, i, weighted, output, i * imageValues, false);
    drawImage(split, second, i, partner, output, i * imageValues, true);
  }
}

function drawImage(
  { images, height, width }: Split,
  { indices, rows, columns, flips }: Draws,
  i: number,
  tables: Float32Array,
  output: Float32Array,
  start: number,
  add: boolean,
): void {
  const image = indices[i]! * height * width * CHANNELS;
  const row = rows[i]!;
  const column = columns[i]!;
  // Output columns whose pixel lies inside of the image, before mirroring.
  const firstColumn = Math.max(0, -column);
  const lastColumn = Math.min(width, width - column);
  const step = flips[i] === 1 ? -CHANNELS : CHANNELS;
  if (!add && (row !== 0 || column !== 0)) output.fill(0, start, start + height * width * CHANNELS);
  for (let y = Math.max(0, -row); y < Math.min(height, height - row); y++) {
    let from = image + ((y + row) * width + firstColumn + column) * CHANNELS;
    const end = image + ((y + row) * width + lastColumn + column) * CHANNELS;
    let to = start + (y * width + (step < 0 ? width - 1 - firstColumn : firstColumn)) * CHANNELS;
    // One loop for each case: no test is made for each pixel.
    while (add && from < end) {
      output[to]! += tables[images[from]!]!;
      output[to + 1]! += tables[256 + images[from + 1]!]!;
      output[to + 2]! += tables[512 + images[from + 2]!]!;
      from += CHANNELS;
      to += step;
    }
    while (from < end) {
      output[to] = tables[images[from]!]!;
      output[to + 1] = tables[256 + images[from + 1]!]!;
      output[to + 2] = tables[512 + images[from + 2]!]!;
      from += CHANNELS;
      to += step;
    }
  }
}
