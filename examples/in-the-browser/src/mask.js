// The layer's mask as numbers, to be drawn.
import { maskedFrequencies } from '@stridelab/diffstride';
import { SIZE } from './data.js';
import { MASK } from './network.js';

/** How much of each frequency from -SIZE/2 to SIZE/2 stays: rows down by columns across, zero in the middle. */
export function maskOf(strides) {
  // An optimizer may have moved one below 1, which the layer brings back in the next step.
  const legal = strides.map((stride) => Math.max(stride, 1));
  const [rows, columns] = maskedFrequencies([SIZE, SIZE], legal, { mask: MASK }).map(weightOf);
  const frequencies = Array.from({ length: SIZE + 1 }, (_, i) => i - SIZE / 2);
  return frequencies.map((down) => frequencies.map((across) => rows(down) * columns(Math.abs(across))));
}

function weightOf({ frequencies, weights }) {
  const byFrequency = new Map(frequencies.map((frequency, i) => [frequency, weights[i]]));
  return (frequency) => byFrequency.get(frequency) ?? 0;
}
